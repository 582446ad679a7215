"""What the pages have in common: they look and do not touch, and they do not count millions of rows."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property


class LookOnly(admin.ModelAdmin):
    """Seeing needs the view permission itself; nothing can be added, changed or deleted.

    Not even by somebody who may change: saving the form would write the row as it was when the page was opened,
    over what a worker has written since.
    """

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.view_{self.opts.model_name}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CappedPaginator(Paginator):
    """Pages through the first ``cap`` rows and counts no further."""

    cap = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # In the list's order, or PostgreSQL would take a LIMIT without order for a reason to read the table.
        return rows.values("pk")[: self.cap].count()

    @property
    def is_capped(self) -> bool:
        return self.count >= self.cap
