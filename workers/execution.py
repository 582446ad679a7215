"""One attempt: find the task, run it, and say what became of it. Records nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from workers import compat, outcome, payload, registry, results, tracing
from workers.backoff import Backoff, Exponential
from workers.conf import Options
from workers.context import Handle, TaskContext
from workers.exceptions import Cancelled, Discard, Retry, Snooze, UnknownTask
from workers.models import AttemptKind, Job, JobState
from workers.outcome import Failure, Outcome
from workers.results import TaskResult

logger = logging.getLogger("workers.execution")

Invoke = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any], float], Any]
"""Calls the function with its arguments and a timeout in seconds: in a slot, or inline in a test."""

UNKNOWN_TASK_DELAY = 60.0


class Interrupted(BaseException):
    """The process is going down: the attempt does not count. Raised by whoever invokes, not by tasks."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a task may fail: what it says itself, else what the OPTIONS say."""

    max_attempts: int
    backoff: Backoff
    timeout: float

    @classmethod
    def of(cls, task: compat.Task, options: Options) -> "Policy":
        # A task declared with Django's own decorator for another backend has none of these.
        max_attempts = getattr(task, "max_attempts", None)
        timeout = getattr(task, "timeout", None)
        return cls(
            options.max_attempts if max_attempts is None else max_attempts,
            getattr(task, "backoff", Exponential()),
            options.timeout if timeout is None else timeout,
        )


def run(job: Job, invoke: Invoke, options: Options, called_off: Callable[[], str] = str) -> Outcome:
    """Run a claimed job once. Whatever the task does ends in an outcome, never in an exception.

    ``called_off`` says who wants this job cancelled, "" for nobody.
    """
    try:
        try:
            task = registry.find(job.task)
        except UnknownTask as error:
            return _unknown(job, error, options)
        result = results.from_job(job)
    except Exception:
        # The database, most likely; nothing of the task has run.
        logger.warning("Job %s could not be read and goes back.", job.id, exc_info=True)
        return outcome.returned(job, delay=1)
    policy = Policy.of(task, options)
    handle = Handle(job, options.max_bytes, called_off)
    if by := called_off():
        return outcome.called_off_unstarted(job, by).told_with(result)
    _send_started(job, result)
    with tracing.running(job) as tell:
        try:
            value = _attempt(task, TaskContext(task_result=result, handle=handle), invoke, policy)
            done = outcome.succeeded(job, payload.normalize(value, "the result", options.max_bytes), result)
        except Interrupted:
            done = outcome.interrupted(job)
        except BaseException as error:
            done = classify(job, outcome.without_runner_frames(error), policy, result).told_with(result)
        if handle.completed:
            done = _verified(handle, done, result)
        tell(done.exception, done.state)
    return done


def _verified(handle: Handle, done: Outcome, result: TaskResult) -> Outcome:
    """``done``, unless the task completed its job itself and that was committed."""
    try:
        finished_at = handle.completed_at()
    except Exception:
        # Either way is safe: on a job that was completed nothing can be recorded any more.
        logger.warning("Whether job %s was completed could not be read.", handle.job.id, exc_info=True)
        return done
    if finished_at is None:
        return done
    if done.state is not JobState.SUCCESSFUL:
        text = "%s %s had completed before it failed; that it failed changes nothing."
        logger.error(text, handle.job.task, handle.job.id, exc_info=done.exception)
    return outcome.completed(handle.job, handle.value, result, finished_at)


def classify(job: Job, error: BaseException, policy: Policy, result: TaskResult) -> Outcome:
    """The one place that says what an exception means for its job."""
    match error:
        case Snooze():
            return outcome.snoozed(job, error.seconds)
        case Discard():
            return outcome.discarded(job, error)
        case Cancelled():
            return outcome.cancelled(job, error)
        case Retry(after=float(after)):
            delay: float | None = after
        case _:
            delay = _backoff(error, policy, result)
    if job.attempts + 1 >= policy.max_attempts or delay is None:
        return outcome.failed(job, error)
    return outcome.retried(job, error, delay)


def _attempt(task: compat.Task, context: TaskContext, invoke: Invoke, policy: Policy) -> Any:
    first = (context,) if task.takes_context else ()
    return invoke(task.func, (*first, *context.task_result.args), context.task_result.kwargs, policy.timeout)


def _backoff(error: BaseException, policy: Policy, result: TaskResult) -> float | None:
    try:
        delay = policy.backoff(error, result)
        return None if delay is None else max(0.0, float(delay))
    except Exception:
        logger.exception("The backoff of %s failed; the default is taken.", result.task.module_path)
        return Exponential()(error, result)


def _send_started(job: Job, result: TaskResult) -> None:
    compat.task_started.send_robust(registry.backend_class(job.backend), task_result=result)


_told: set[str] = set()


def _unknown(job: Job, error: UnknownTask, options: Options) -> Outcome:
    """Another release may know the task: wait, unburnt, until the patience for it has run out."""
    if job.task not in _told:
        _told.add(job.task)
        logger.error("%s", error)
    first = job.failures.filter(kind=AttemptKind.UNKNOWN_TASK).first()
    if first is None:
        failure = Failure.of(error, AttemptKind.UNKNOWN_TASK)
        return replace(outcome.returned(job, UNKNOWN_TASK_DELAY), failure=failure)
    waited = (job.last_attempted_at - first.ended_at).total_seconds() if job.last_attempted_at else 0.0
    if waited < options.unknown_task_patience:
        return outcome.returned(job, UNKNOWN_TASK_DELAY)
    return outcome.failed(job, error).told_with(results.from_job(job, failures=[]))
