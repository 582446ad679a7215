"""The job: one request to run a task. The row is the job; a message only says "look now"."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from workers.compat import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME, TaskResultStatus
from workers.uuid7 import uuid7


class JobState(models.TextChoices):
    """Where a job stands. docs/lifecycle.md draws the ways from one to the next."""

    SCHEDULED = "SCHEDULED", _("scheduled")
    READY = "READY", _("ready")
    RUNNING = "RUNNING", _("running")
    SUCCESSFUL = "SUCCESSFUL", _("successful")
    FAILED = "FAILED", _("failed")
    DISCARDED = "DISCARDED", _("discarded")
    CANCELLED = "CANCELLED", _("cancelled")

    @property
    def is_finished(self) -> bool:
        return self in FINISHED

    @property
    def status(self) -> TaskResultStatus:
        """The state as Django's Tasks framework names it."""
        return STATUS_OF[self]


WAITING = (JobState.SCHEDULED, JobState.READY)
FINISHED = (JobState.SUCCESSFUL, JobState.FAILED, JobState.DISCARDED, JobState.CANCELLED)
STATUS_OF = {
    JobState.SCHEDULED: TaskResultStatus.READY,
    JobState.READY: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.SUCCESSFUL: TaskResultStatus.SUCCESSFUL,
    JobState.FAILED: TaskResultStatus.FAILED,
    JobState.DISCARDED: TaskResultStatus.FAILED,
    JobState.CANCELLED: TaskResultStatus.FAILED,
}


class Job(models.Model):
    """Written only through ``workers.lifecycle``; every time in it is the database's own clock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    backend = models.CharField(max_length=32, default=DEFAULT_TASK_BACKEND_ALIAS)
    queue = models.CharField(max_length=100, default=DEFAULT_TASK_QUEUE_NAME)
    task = models.CharField(max_length=255, help_text=_("import path of the task"))
    args: Any = models.JSONField(default=list)
    kwargs: Any = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=0, help_text=_("−100 to 100, higher first"))

    state = models.CharField(max_length=10, choices=JobState, default=JobState.READY)
    enqueued_at = models.DateTimeField(db_default=Now())
    run_after = models.DateTimeField(db_default=Now(), help_text=_("not before; a retry or a snooze moves it"))
    requested_run_after = models.DateTimeField(null=True, help_text=_("run_after as the caller asked for it"))
    started_at = models.DateTimeField(null=True, help_text=_("start of the first attempt"))
    last_attempted_at = models.DateTimeField(null=True, help_text=_("start of the latest attempt"))
    finished_at = models.DateTimeField(null=True)

    attempts = models.PositiveIntegerField(default=0, help_text=_("attempts that ended, by success or failure"))
    rescues = models.PositiveIntegerField(default=0, help_text=_("times its worker was lost"))
    snoozes = models.PositiveIntegerField(default=0)
    interruptions = models.PositiveIntegerField(default=0, help_text=_("times a shutdown handed it back"))

    worker_id = models.CharField(max_length=64, default="", help_text=_("the worker that holds it, or held it last"))
    # Fresh with every claim; every later write must name it. Stays until the next claim, so that an outcome
    # whose commit is in doubt can be read back; a rescue clears it.
    claim_token = models.UUIDField(null=True)
    return_value: Any = models.JSONField(null=True)
    progress: Any = models.JSONField(null=True, help_text=_("what the running task last said of its progress"))
    # With a default in the database, so that the release before this one can still enqueue.
    cancel_requested_by = models.CharField(max_length=255, default="", db_default="", blank=True)
    owner = models.CharField(
        max_length=64, default="", db_default="", blank=True, help_text=_("the user whose pages follow it")
    )
    watched = models.BooleanField(default=False, db_default=False, help_text=_("somebody waits for this very job"))
    trace = models.CharField(
        max_length=55, default="", db_default="", blank=True, help_text=_("W3C traceparent of who enqueued it")
    )
    unique_key = models.CharField(max_length=255, null=True, help_text=_("reserved"))

    ran_for: float | None = None
    """Seconds that the latest attempt ran in its slot; only in the process that ran it, never in the row."""

    class Meta:
        indexes = [
            models.Index(
                name="workers_job_claim",
                fields=["backend", "queue", "-priority", "run_after", "id"],
                condition=Q(state="READY"),
            ),
            models.Index(name="workers_job_due", fields=["backend", "run_after"], condition=Q(state="SCHEDULED")),
            # Also finds the few that wait after a rescue: among a million READY ones nobody would.
            models.Index(
                name="workers_job_held",
                fields=["worker_id"],
                condition=Q(state="RUNNING") | Q(state="READY", rescues__gt=0),
            ),
            models.Index(name="workers_job_finished", fields=["finished_at"], condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"

    @property
    def is_finished(self) -> bool:
        return JobState(self.state).is_finished
