"""The job as Django's Tasks framework sees it: a ``TaskResult`` made from the row."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured

from workers import compat, registry
from workers.call import Call, initial_state
from workers.exceptions import UnknownTask
from workers.models import Attempt, AttemptKind, Job, JobState

REFRESHED = (
    "errors",
    "_return_value",
    "finished_at",
    "started_at",
    "last_attempted_at",
    "status",
    "enqueued_at",
    "worker_ids",
    "state",
)

COUNTED = (AttemptKind.FAILED, AttemptKind.DISCARDED, AttemptKind.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult(compat.TaskResult):
    """Django's TaskResult, with one error per failed attempt and the job's own, finer ``state``."""

    state: JobState = JobState.READY

    def __post_init__(self) -> None:
        """Nothing: the arguments come from JSON, and Django's normalizing them again would take as long as the rest."""

    def refresh(self) -> None:
        """Read the row again. Raises TaskResultDoesNotExist when it was pruned."""
        fresh = self.task.get_backend().get_result(self.id)
        for name in REFRESHED:
            object.__setattr__(self, name, getattr(fresh, name))

    async def arefresh(self) -> None:
        await sync_to_async(self.refresh)()

    async def wait(self, timeout: float | None = None) -> None:
        """Until the job has ended; this result is then fresh. Asks the database at the start and the end only.

        Raises TimeoutError after ``timeout`` seconds, None: never, and TaskResultDoesNotExist when it was pruned.
        """
        backend: Any = self.task.get_backend()
        await backend.wait(self, timeout)

    def stream(self) -> AsyncIterator[Any]:
        """``async for progress in result.stream()``: where the job stands now, and each change until it has ended, as
        ``workers.watching.Progress``; this result is then fresh. Changes within a tenth of a second are one."""
        backend: Any = self.task.get_backend()
        return backend.stream(self)


def task_of(job: Job) -> compat.Task:
    """The task as it was enqueued; a stand-in when its code, its queue or its backend is gone."""
    try:
        task = registry.find_as_enqueued(job.task, job.priority, job.queue, job.backend)
    except (UnknownTask, compat.InvalidTask, ImproperlyConfigured):
        return registry.stand_in(job.task, job.queue, job.backend)
    return task if job.requested_run_after is None else task.using(run_after=job.requested_run_after)


def of_new_job(task: compat.Task, call: Call, enqueued_at: datetime) -> TaskResult:
    """Of a job that has just been enqueued, without reading its row."""
    state = initial_state(task)
    return TaskResult(
        task=task,
        id=str(call.id),
        status=state.status,
        state=state,
        enqueued_at=enqueued_at,
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=call.args,
        kwargs=call.kwargs,
        backend=task.backend,
        errors=[],
        worker_ids=[],
    )


def from_job(job: Job, failures: list[Attempt] | None = None) -> TaskResult:
    """``failures`` are the job's attempts when the caller has them; None reads them if there can be any."""
    if failures is None:
        failed_ever = job.attempts or job.rescues or (job.is_finished and job.state != JobState.SUCCESSFUL)
        failures = list(job.failures.all()) if failed_ever else []
    worker_ids = [failure.worker_id for failure in failures if failure.kind in COUNTED and failure.worker_id]
    if job.state in (JobState.RUNNING, JobState.SUCCESSFUL):
        worker_ids.append(job.worker_id)
    state = JobState(job.state)
    result = TaskResult(
        task=task_of(job),
        id=str(job.id),
        status=state.status,
        state=state,
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.last_attempted_at,
        args=job.args,
        kwargs=job.kwargs,
        backend=job.backend,
        errors=[
            compat.TaskError(exception_class_path=failure.exception_class_path, traceback=failure.traceback)
            for failure in failures
        ],
        worker_ids=worker_ids,
    )
    set_return_value(result, job.return_value)
    return result


def set_return_value(result: TaskResult, value: Any) -> None:
    object.__setattr__(result, "_return_value", value)
