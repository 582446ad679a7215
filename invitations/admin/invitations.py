from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from invitations.admin import export
from invitations.admin.charts import charts
from invitations.admin.filters import BatchFilter, SenderFilter, StateFilter
from invitations.admin.timeline import timeline_of
from invitations.admin_actions import EXPIRE, RESEND, RETRY, REVOKE, Act, carry_out, report
from invitations.models import Invitation
from invitations.shut_out import current_pause
from invitations.states import InvitationState
from workers.admin import links
from workers.admin.looking import LookOnly

links.register(Invitation)

TIMES = (
    *("created_at", "sending_at", "sent_at", "deferred_at", "delivered_at", "opened_at", "bounced_at"),
    *("complained_at", "reminded_at", "expires_at", "accepted_at", "accepted_by", "revoked_at"),
)
OF_THE_MAIL = ("provider_reason", "message_id", "attempts", "job_link")
MOST = 1000
"""Invitations that one action takes: each is locked, looked at and logged by itself."""


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    """Seeing needs view_invitation, the actions change_invitation too. The key is shown nowhere: with SECRET_KEY it
    makes the link."""

    list_display = ["email", "sent_by", "state", "sent_at", "attempts", "error", "job_link"]
    list_filter = [StateFilter, SenderFilter, BatchFilter, "created_at", "sent_at"]
    list_select_related = ["sender"]
    search_fields = ["email", "sender__username", "message_id"]
    date_hierarchy = "created_at"
    # Django's own by their names, as the runner's page of a job has them.
    change_form_template = "admin/workers/job/change_form.html"
    actions = ["resend", "revoke", "retry", "expire"]
    fields = ("email", "sender", "state", "explanation", "note", "batch", "origin", *TIMES, *OF_THE_MAIL)
    readonly_fields = fields

    class Media:
        css = {"all": ["workers/admin.css", "workers/board.css"]}

    def get_urls(self) -> list[URLPattern]:
        # Before the model's own, of which one takes any path for an invitation's id.
        page = self.admin_site.admin_view(self.export_view)
        return [path("export/", page, name="invitations_invitation_export"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_state()  # type: ignore[attr-defined]

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("invitations.change_invitation")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        context: dict[str, Any] = getattr(answer, "context_data", None) or {}
        if "cl" in context:
            found = context["cl"].queryset.order_by().values_list("state")
            counts = Counter(dict(found.annotate(count=Count("pk"))))
            self._tell_of_pause(request)
            context["state_counts"] = [(state, counts[state]) for state in InvitationState if counts[state]]
            context["charts"] = charts(timezone.now())
            context["export_query"] = request.GET.urlencode()
        return answer

    def _tell_of_pause(self, request: HttpRequest) -> None:
        if paused := current_pause():
            told = _("No mail goes out since {}: the queue {} is paused by {}.")
            since, by = date_format(localtime(paused.paused_at), "j M Y, H:i"), paused.paused_by or _("somebody")
            self.message_user(request, format_html(str(told), since, paused.queue, by), messages.WARNING)

    def export_view(self, request: HttpRequest) -> Any:
        if not self.has_view_permission(request):
            return HttpResponse("You may not see invitations.", status=403, content_type="text/plain")
        try:
            return export.response(request, self.get_changelist_instance(request).queryset)
        except IncorrectLookupParameters:
            self.message_user(request, _("This list cannot be filtered so. Choose the filters again."), messages.ERROR)
            return redirect("admin:invitations_invitation_changelist")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        # A traceback may hold what only those may see who may see jobs.
        with_job = request.user.has_perm("workers.view_job")
        context["life"] = timeline_of(context["original"], with_job=with_job, now=timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(permissions=["steer"], description=_("Send selected invitations again, with a new link"))
    def resend(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._steer(RESEND, request, queryset)

    @admin.action(permissions=["steer"], description=_("Revoke selected invitations"))
    def revoke(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._steer(REVOKE, request, queryset)

    @admin.action(permissions=["steer"], description=_("Try the mails of selected invitations again now"))
    def retry(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._steer(RETRY, request, queryset)

    @admin.action(permissions=["steer"], description=_("Let selected invitations expire now"))
    def expire(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._steer(EXPIRE, request, queryset)

    def _steer(self, act: Act, request: HttpRequest, queryset: QuerySet) -> None:
        ids = list(queryset.order_by("-created_at", "pk").values_list("pk", flat=True)[: MOST + 1])
        done, left = carry_out(act, ids[:MOST], request.user)  # type: ignore[arg-type]
        told = report(act, done, left)
        looked_at = done + left.total()
        if looked_at < len(ids):
            told += f" Only the newest {looked_at:,} were looked at; choose the rest again."
        self.message_user(request, told, messages.WARNING if left or looked_at < len(ids) else messages.SUCCESS)

    @admin.display(description=_("sender"), ordering="sender__username")
    def sent_by(self, invitation: Invitation) -> str:
        return format_html('<a href="?sender={}">{}</a>', invitation.sender_id, invitation.sender.get_username())

    @admin.display(description=_("state"), ordering="state")
    def state(self, invitation: Invitation) -> str:
        return format_html('<span class="state state-{}">{}</span>', invitation.tone, invitation.state_label)

    @admin.display(description=_("attempts"), ordering="job_attempts")
    def attempts(self, invitation: Invitation) -> int | str:
        return "–" if invitation.job_attempts is None else invitation.job_attempts

    @admin.display(description=_("job"))
    def job_link(self, invitation: Invitation) -> str:
        if invitation.job_state is None:
            return "–"
        url = reverse("admin:workers_job_change", args=[invitation.job_id])
        return format_html('<a href="{}">{}</a>', url, invitation.job_state.lower())
