from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from invitations.models import Invitation
from invitations.states import InvitationState


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return InvitationState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """To look at, not to change. The key is shown nowhere: with SECRET_KEY it makes the link."""

    list_display = ["email", "sender", "state", "sent_at", "attempts", "error", "job_link"]
    list_filter = [StateFilter, "created_at", "sent_at"]
    list_select_related = ["sender"]
    search_fields = ["email", "sender__username", "message_id"]
    date_hierarchy = "created_at"
    fields = (
        "email",
        "sender",
        "state",
        "explanation",
        "created_at",
        "sending_at",
        "sent_at",
        "accepted_at",
        "message_id",
        "attempts",
        "job_link",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_state()  # type: ignore[attr-defined]

    @admin.display(description=_("state"), ordering="state")
    def state(self, invitation: Invitation) -> str:
        return invitation.state_label

    @admin.display(description=_("attempts"), ordering="job_attempts", empty_value="–")
    def attempts(self, invitation: Invitation) -> int | None:
        return invitation.job_attempts

    @admin.display(description=_("job"), empty_value="–")
    def job_link(self, invitation: Invitation) -> str | None:
        if invitation.job_state is None:
            return None
        url = reverse("admin:workers_job_change", args=[invitation.job_id])
        return format_html('<a href="{}">{}</a>', url, invitation.job_state.lower())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False
