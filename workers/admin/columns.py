"""What is shown of a job, beyond its plain fields."""

from functools import lru_cache
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from workers import registry
from workers.admin.rendering import NOTHING, coloured, json_block, moment, spelled
from workers.backends import options_of
from workers.exceptions import UnknownTask
from workers.execution import Policy
from workers.models import Job, JobState, WorkerProcess


class JobColumns:
    """Computed columns of the list and fields of the page. A job here carries ``clock``, the database's time."""

    enqueued = moment("enqueued_at", _("enqueued"))
    asked_for = moment("requested_run_after", _("not before, as asked"))
    not_before = moment("run_after", _("not before, as it stands"))
    first_start = moment("started_at", _("first start"))
    latest_start = moment("last_attempted_at", _("latest start"))
    finished = moment("finished_at", _("finished"))

    @admin.display(description=_("id"))
    def short_id(self, job: Job) -> str:
        return format_html('<span class="one-line" title="{}">…{}</span>', job.id, str(job.id)[-8:])

    @admin.display(description=_("state"))
    def coloured_state(self, job: Job) -> str:
        return coloured(JobState(job.state))

    @admin.display(description=_("attempts"))
    def attempts_made(self, job: Job) -> str:
        allowed = attempts_allowed(job.task, job.backend)
        # A retry by hand grants one more than the task allows.
        return str(job.attempts) if allowed is None else f"{job.attempts} of {max(job.attempts, allowed)}"

    @admin.display(description=_("waits until"))
    def waits_until(self, job: Job) -> str:
        return self.not_before(job) if job.state == JobState.SCHEDULED else NOTHING

    @admin.display(description=_("duration"))
    def duration(self, job: Any) -> str:
        """Of the latest attempt, as far as the row can tell: not where a person ended the job later."""
        if job.last_attempted_at is None or job.state not in (JobState.RUNNING, JobState.SUCCESSFUL, JobState.FAILED):
            return NOTHING
        return spelled((job.finished_at or job.clock) - job.last_attempted_at)

    @admin.display(description=_("worker"))
    def worker(self, job: Job) -> str:
        if not WorkerProcess.objects.filter(id=job.worker_id).exists():
            return job.worker_id or NOTHING
        url = reverse("admin:workers_workerprocess_change", args=[job.worker_id])
        return format_html('<a href="{}">{}</a>', url, job.worker_id)

    @admin.display(description=_("arguments"))
    def positional_arguments(self, job: Job) -> str:
        return json_block(job.args)

    @admin.display(description=_("keyword arguments"))
    def keyword_arguments(self, job: Job) -> str:
        return json_block(job.kwargs)

    @admin.display(description=_("progress"))
    def progress_told(self, job: Job) -> str:
        """What the task last said; it stays when the job has ended, and tells how far it had come."""
        told = job.progress
        if not told:
            return NOTHING
        amount = f"{told['done']}" if told["total"] is None else f"{told['done']} of {told['total']}"
        return f"{amount}: {told['note']}" if told["note"] else amount

    @admin.display(description=_("result"))
    def result(self, job: Job) -> str:
        return json_block(job.return_value) if job.state == JobState.SUCCESSFUL else NOTHING


@lru_cache(maxsize=256)
def attempts_allowed(path: str, backend: str) -> int | None:
    """None when the task cannot be imported here; remembered, because looking for a missing one is slow."""
    try:
        task = registry.find(path)
    except UnknownTask:
        return None
    return Policy.of(task, options_of(backend)).max_attempts
