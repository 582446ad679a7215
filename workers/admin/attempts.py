"""A job's attempts, on its page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workers.admin.rendering import block, moment
from workers.models import Attempt


class AttemptInline(admin.StackedInline):
    """Shown to whoever may see the job."""

    model = Attempt
    verbose_name_plural = _("attempts that did not succeed")
    fields = readonly_fields = ("kind", "worker_id", "started", "ended", "said", "trace")
    extra = 0

    started = moment("started_at", _("started"))
    ended = moment("ended_at", _("ended"))

    @admin.display(description=_("message"))
    def said(self, attempt: Attempt) -> str:
        return block(attempt.message)

    @admin.display(description=_("traceback"))
    def trace(self, attempt: Attempt) -> str:
        return block(attempt.traceback)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
