"""What became of one attempt, as a value. Nothing here touches the database; ``lifecycle.recording`` writes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from traceback import format_exception
from typing import Any

from workers.exceptions import Cancelled
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.payload import printable
from workers.results import TaskResult

TRACEBACK_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """The part of an outcome that is kept as an ``Attempt``."""

    kind: AttemptKind
    exception_class_path: str
    message: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, kind: AttemptKind = AttemptKind.FAILED) -> "Failure":
        text = printable("".join(format_exception(error)))
        if len(text) > TRACEBACK_LIMIT:
            text = f"{text[: TRACEBACK_LIMIT // 2]}\n… cut …\n{text[-TRACEBACK_LIMIT // 2 :]}"
        path = f"{type(error).__module__}.{type(error).__qualname__}"
        return cls(kind, path[:255], printable(describe(error))[:2000], text)

    def as_attempt(self, job: Job) -> Attempt:
        return Attempt(
            job_id=job.id,
            kind=self.kind,
            worker_id=job.worker_id,
            started_at=job.last_attempted_at,
            exception_class_path=self.exception_class_path,
            message=self.message,
            traceback=self.traceback,
        )

    def by_a_person(self, job: Job) -> Attempt:
        """No worker and no start: somebody ended the job while it was not running."""
        attempt = self.as_attempt(job)
        attempt.worker_id, attempt.started_at = "", None
        return attempt


@dataclass(frozen=True, slots=True)
class Outcome:
    """The next state of a claimed job and what is counted on the way there.

    ``delay`` is in seconds by the database's clock: the job is SCHEDULED, not READY, when it is above 0.
    ``result`` and ``exception`` are for those who are told once the database has confirmed.
    """

    job: Job
    state: JobState
    delay: float = 0
    return_value: Any = None
    attempts: int = 0
    snoozes: int = 0
    interruptions: int = 0
    failure: Failure | None = None
    exception: BaseException | None = None
    result: TaskResult | None = None
    completed_at: datetime | None = None
    """The task finished the job in its own transaction, which has committed: nothing is left to write."""

    @property
    def has_run(self) -> bool:
        """Not merely claimed and given back."""
        return bool(self.attempts or self.snoozes or self.interruptions or self.completed_at)

    def told_with(self, result: TaskResult | None) -> "Outcome":
        return replace(self, result=result)


def succeeded(job: Job, value: Any, result: TaskResult | None = None) -> Outcome:
    return Outcome(job, JobState.SUCCESSFUL, return_value=value, attempts=1, result=result)


def failed(job: Job, error: BaseException) -> Outcome:
    return Outcome(job, JobState.FAILED, attempts=1, failure=Failure.of(error), exception=error)


def retried(job: Job, error: BaseException, delay: float) -> Outcome:
    return Outcome(job, _waiting(delay), delay, attempts=1, failure=Failure.of(error), exception=error)


def discarded(job: Job, error: BaseException) -> Outcome:
    failure = Failure.of(error, AttemptKind.DISCARDED)
    return Outcome(job, JobState.DISCARDED, attempts=1, failure=failure, exception=error)


def completed(job: Job, value: Any, result: TaskResult, finished_at: datetime) -> Outcome:
    return Outcome(job, JobState.SUCCESSFUL, return_value=value, result=result, completed_at=finished_at)


def cancelled(job: Job, error: BaseException) -> Outcome:
    failure = Failure.of(error, AttemptKind.CANCELLED)
    return Outcome(job, JobState.CANCELLED, attempts=1, failure=failure, exception=error)


def called_off_unstarted(job: Job, by: str) -> Outcome:
    return replace(cancelled(job, Cancelled(f"cancelled by {by}")), attempts=0)


def snoozed(job: Job, seconds: float) -> Outcome:
    return Outcome(job, _waiting(seconds), seconds, snoozes=1)


def interrupted(job: Job) -> Outcome:
    """Shutdown stopped it: back to READY, no attempt spent."""
    return Outcome(job, JobState.READY, interruptions=1)


def returned(job: Job, delay: float = 0) -> Outcome:
    """Claimed and not started: back as if nothing had been."""
    return Outcome(job, _waiting(delay), delay)


def _waiting(delay: float) -> JobState:
    return JobState.SCHEDULED if delay > 0 else JobState.READY


def describe(error: BaseException) -> str:
    """What the exception says, or its name when it says nothing; an exception whose text fails is only named."""
    try:
        return str(error) or type(error).__name__
    except Exception:
        return type(error).__name__


def without_runner_frames(error: BaseException) -> BaseException:
    """``error`` with the runner's own frames cut from the top of its traceback; only where the task was remains."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next and _is_ours(frames.tb_frame.f_globals.get("__name__", "")):
        frames = frames.tb_next
    return error.with_traceback(frames)


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in {"workers", "asgiref", "asyncio", "concurrent"}
