"""Workers: who is there, since when, doing what."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workers.admin.looking import LookOnly
from workers.admin.rendering import NOTHING, coloured, moment, spelled
from workers.backends import options_of
from workers.models import Job, JobState, WorkerProcess
from workers.presence import presence


@admin.register(WorkerProcess)
class WorkerProcessAdmin(LookOnly):
    """Alive, stopping or silent, by the database's clock."""

    list_display = ("id", "presence", "runs", "serves", "slots", "hostname", "pid", "since", "heartbeat")
    list_per_page = 25
    ordering = ("started_at", "id")
    sortable_by = ()
    actions = None
    fields = readonly_fields = (
        "id",
        "presence",
        "runs",
        "serves",
        "slots",
        "backend",
        "hostname",
        "pid",
        "since",
        "heartbeat",
    )

    class Media:
        css = {"all": ["workers/admin.css"]}

    since = moment("started_at", _("since"))
    heartbeat = moment("beat_at", _("last heartbeat"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(clock=Now())

    @admin.display(description=_("state"))
    def presence(self, worker: Any) -> str:
        return coloured(presence(worker, worker.clock, options_of(worker.backend).heartbeat_bound))

    @admin.display(description=_("queues"))
    def serves(self, worker: WorkerProcess) -> str:
        return ", ".join(worker.queues) or NOTHING

    @admin.display(description=_("slots"))
    def slots(self, worker: WorkerProcess) -> int:
        return worker.concurrency

    @admin.display(description=_("running now"))
    def runs(self, worker: Any) -> str:
        held = Job.objects.filter(worker_id=worker.id, state=JobState.RUNNING).order_by("last_attempted_at", "id")
        jobs = (
            (reverse("admin:workers_job_change", args=[job_id]), task, spelled(worker.clock - since))
            for job_id, task, since in held.values_list("id", "task", "last_attempted_at")
        )
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a> for {}', jobs) or NOTHING
