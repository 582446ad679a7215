"""Jobs: found, looked at, retried, discarded, cancelled."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import router
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from workers import unserved
from workers.admin.attempts import AttemptInline
from workers.admin.columns import JobColumns
from workers.admin.filters import QueueFilter, TaskFilter
from workers.admin.looking import CappedPaginator, LookOnly
from workers.admin.verbs import CANCEL, DISCARD, RETRY, VERBS, Verb, carry_out, report
from workers.backends import channels_backends
from workers.models import Job

JOB = ("task", "id", "queue", "backend", "priority", "coloured_state", "worker")
COUNTS = ("attempts_made", "rescues", "snoozes", "interruptions")
TIMES = ("enqueued", "asked_for", "not_before", "first_start", "latest_start", "finished", "duration")
VALUES = ("positional_arguments", "keyword_arguments", "result")

FROM_JOB_PAGE = "from_job_page"


@admin.register(Job)
class JobAdmin(JobColumns, LookOnly):
    """Seeing needs view_job, the actions change_job too. Built for millions of rows: nothing counts or sorts all."""

    list_display = (
        "task",
        "coloured_state",
        "queue",
        "short_id",
        "attempts_made",
        "rescues",
        "enqueued",
        "waits_until",
        "duration",
        "priority",
    )
    list_filter = ("state", QueueFilter, TaskFilter, "enqueued_at")
    list_per_page = 50
    ordering = ("-id",)
    sortable_by = ()
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("id", "task")
    search_help_text = _("A job's whole id, or the beginning of a task's path.")
    actions = ("retry", "discard", "cancel")
    fieldsets = (
        (None, {"fields": JOB}),
        (_("Counts"), {"fields": COUNTS}),
        (_("Times"), {"fields": TIMES}),
        (_("Values"), {"fields": VALUES}),
    )
    readonly_fields = (*JOB, *COUNTS, *TIMES, *VALUES)
    inlines = (AttemptInline,)

    class Media:
        css = {"all": ["workers/admin.css"]}

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("workers.change_job")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # A list needs no arguments and results, of which each may be large.
        return super().get_queryset(request).annotate(clock=Now()).defer("args", "kwargs", "return_value")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        try:
            return queryset.filter(id=UUID(term)), False
        except ValueError:
            return queryset.filter(task__startswith=term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and self.has_view_permission(request):
            for backend in channels_backends():
                bound = backend.settings.heartbeat_bound
                for queue, count in unserved.unserved(router.db_for_write(Job), backend.alias, bound).items():
                    told = unserved.complaint(backend.alias, queue, count)
                    self.message_user(request, told, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        state = context["original"].state
        context["verbs"] = [verb for verb in VERBS if state in verb.states and self.has_steer_permission(request)]
        context["from_job_page"] = FROM_JOB_PAGE
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(permissions=["steer"], description=_("Retry selected jobs now"))
    def retry(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(RETRY, request, queryset)

    @admin.action(permissions=["steer"], description=_("Discard selected jobs that wait or failed"))
    def discard(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(DISCARD, request, queryset)

    @admin.action(permissions=["steer"], description=_("Cancel selected jobs before they start"))
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(CANCEL, request, queryset)

    def _steer(self, verb: Verb, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        # All, across pages, means as many as the page says that there are.
        ids = list(queryset.values_list("id", flat=True)[: CappedPaginator.cap])
        changed, left = carry_out(verb, ids, request.user)  # type: ignore[arg-type]
        level = messages.WARNING if left else messages.SUCCESS
        self.message_user(request, report(verb, len(ids), changed, left), level)
        if FROM_JOB_PAGE in request.POST and len(ids) == 1:
            return redirect("admin:workers_job_change", ids[0])
        return None
