"""The list of addresses that get no mail: to read, to add to, to lift from. Nothing is deleted from it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from invitations.models import Suppression


class LiftedFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("in force")), ("no", _("lifted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(lifted_at__isnull=self.value() == "yes") if self.value() else queryset


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    list_display = ["email", "reason", "detail", "created_at", "lifted_at"]
    list_filter = [LiftedFilter, "reason", "created_at"]
    search_fields = ["email", "detail"]
    date_hierarchy = "created_at"
    fields = ["email", "reason", "detail", "created_at", "lifted_at"]
    readonly_fields = ["reason", "created_at", "lifted_at"]
    actions = ["lift", "restore"]

    class Media:
        css = {"all": ["workers/admin.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[str]:
        return [*self.readonly_fields, *(["email"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    @admin.action(description=_("Lift: mails may go there again"), permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        self._set(request, queryset.filter(lifted_at=None), timezone.now(), "Lifted.")

    @admin.action(description=_("Restore: no mail goes there"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        self._set(request, queryset.exclude(lifted_at=None), None, "Restored.")

    def _set(self, request: HttpRequest, rows: QuerySet[Suppression], lifted_at: Any, said: str) -> None:
        changed = list(rows)
        for row in changed:
            row.lifted_at = lifted_at
            row.save(update_fields=["lifted_at"])
            self.log_change(request, row, said)
        count = len(changed)
        self.message_user(request, ngettext("%d address changed.", "%d addresses changed.", count) % count)
