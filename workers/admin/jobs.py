"""Jobs: found, looked at, retried, discarded, cancelled, run again."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import router
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from workers import unserved
from workers.admin import board, confirming
from workers.admin.carrying_out import Refused, carry_out, report
from workers.admin.columns import JobColumns
from workers.admin.filters import QueueFilter, TaskFilter
from workers.admin.life import life_of
from workers.admin.links import links_to
from workers.admin.looking import CappedPaginator, LookOnly
from workers.admin.newest_first import NewestFirst
from workers.admin.verbs import CANCEL, DISCARD, REPEAT, RETRY, VERBS, Verb
from workers.backends import channels_backends
from workers.models import Job, QueuePause

JOB = ("task", "id", "queue", "backend", "priority", "coloured_state", "worker")
COUNTS = ("attempts_made", "rescues", "snoozes", "interruptions")
TIMES = ("enqueued", "asked_for", "not_before", "first_start", "latest_start", "finished", "duration", "progress_told")
VALUES = ("positional_arguments", "keyword_arguments", "result")

FROM_JOB_PAGE = "from_job_page"
MOST_ATTEMPTS = 200
"""The latest ones, on the page of a job."""


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
    actions = ("retry", "discard", "cancel", "repeat")
    fieldsets = (
        (None, {"fields": JOB}),
        (_("Counts"), {"fields": COUNTS}),
        (_("Times"), {"fields": TIMES}),
        (_("Values"), {"fields": VALUES}),
    )
    readonly_fields = (*JOB, *COUNTS, *TIMES, *VALUES)

    class Media:
        css = {"all": ["workers/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        # Before the model's own, of which one takes any path for a job's id.
        page = self.admin_site.admin_view(partial(board.page, self.admin_site))
        return [path("board/", page, name="workers_board"), *super().get_urls()]

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("workers.change_job")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirst]:
        return NewestFirst

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # A list needs no arguments and results, of which each may be large.
        return super().get_queryset(request).annotate(clock=Now()).defer("args", "kwargs", "return_value", "progress")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(id=UUID(term)), False
        except ValueError:
            return queryset.filter(task__startswith=term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if confirming.is_damaged(request):
            self.message_user(request, confirming.DAMAGED, messages.ERROR)
            return redirect("admin:workers_job_changelist")
        if request.method == "GET" and self.has_view_permission(request):
            for backend in channels_backends():
                bound = backend.settings.heartbeat_bound
                for queue, count in unserved.unserved(router.db_for_write(Job), backend.alias, bound).items():
                    told = unserved.complaint(backend.alias, queue, count)
                    self.message_user(request, told, messages.WARNING)
            for pause in QueuePause.objects.order_by("queue"):
                url = reverse("admin:workers_queuepause_changelist")
                told = format_html('`{}` is paused: its jobs wait. <a href="{}">Queues</a>', pause.queue, url)
                self.message_user(request, told, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        job: Job = context["original"]
        attempts = list(job.failures.order_by("-id")[:MOST_ATTEMPTS])[::-1]
        pause = QueuePause.objects.filter(backend=job.backend, queue=job.queue).first()
        context["life"] = life_of(job, attempts, pause)
        context["links"] = links_to(job.id, request, self.admin_site)
        context["verbs"] = [verb for verb in VERBS if job.state in verb.states and self.has_steer_permission(request)]
        context["from_job_page"] = FROM_JOB_PAGE
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(permissions=["steer"], description=_("Retry selected jobs now"))
    def retry(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(RETRY, request, queryset)

    @admin.action(permissions=["steer"], description=_("Discard selected jobs that wait or failed"))
    def discard(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(DISCARD, request, queryset)

    @admin.action(permissions=["steer"], description=_("Cancel selected jobs that have not ended"))
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(CANCEL, request, queryset)

    @admin.action(permissions=["steer"], description=_("Run selected jobs again as new ones, with the same arguments"))
    def repeat(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self._steer(REPEAT, request, queryset)

    def _steer(self, verb: Verb, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        if confirming.CONFIRMED in request.POST:
            try:
                ids = confirming.from_text(request.POST[confirming.CONFIRMED])
            except ValueError:
                self.message_user(request, confirming.DAMAGED, messages.ERROR)
                return None
            self._carry_out(verb, request, ids)
            return None
        # All, across pages, means as many as the page says that there are.
        ids = list(queryset.values_list("id", flat=True)[: CappedPaginator.cap])
        if FROM_JOB_PAGE in request.POST and len(ids) == 1:
            self._carry_out(verb, request, ids)
            return redirect("admin:workers_job_change", ids[0])
        return confirming.ask(self, request, verb, ids)

    def _carry_out(self, verb: Verb, request: HttpRequest, ids: list[UUID]) -> None:
        try:
            changes, left = carry_out(verb, ids, request.user)  # type: ignore[arg-type]
        except Refused as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        told = report(verb, len(ids), len(changes), left)
        if len(changes) == 1 and (new := changes[0].new):
            url = reverse("admin:workers_job_change", args=[new])
            told = format_html('{} <a href="{}">To the new job</a>', told, url)
        self.message_user(request, told, messages.WARNING if left else messages.SUCCESS)
