"""For tests of code that enqueues: what was enqueued, and running it, inside Django's ``TestCase``.

Nothing here needs a worker, a channel layer or a commit. docs/testing.md has examples.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import async_to_sync
from django.db import router
from django.db.models import Exists, OuterRef, QuerySet

from workers import compat, execution, payload, publishing, results
from workers.conf import Options
from workers.lifecycle import claiming, recording
from workers.lifecycle.ending import run_again
from workers.models import Job, JobState, QueuePause
from workers.models.job import WAITING
from workers.outcome import Outcome
from workers.results import TaskResult
from workers.serving import backend_named

WORKER_ID = "drain"


def enqueued(task: compat.Task | None = None, *, queue: str | None = None) -> list[TaskResult]:
    """Jobs that wait, READY and SCHEDULED, in the order they were enqueued; of one task or queue if named."""
    jobs = Job.objects.using(router.db_for_write(Job)).filter(state__in=WAITING).order_by("id")
    if task is not None:
        jobs = jobs.filter(task=task.module_path)
    if queue is not None:
        jobs = jobs.filter(queue=queue)
    return [results.from_job(job) for job in jobs]


def assert_enqueued(
    task: compat.Task,
    *,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    queue: str | None = None,
    priority: int | None = None,
    run_after: datetime | None = None,
) -> TaskResult:
    """Fail unless a waiting job of ``task`` fits everything that is given; returns the first that does."""
    __tracebackhide__ = True
    found = _matching(task, args, kwargs, queue, priority, run_after)
    if not found:
        waiting = "\n".join(f"  {_described(result)}" for result in enqueued()) or "  nothing"
        raise AssertionError(f"No waiting job of {task.module_path} fits. What waits:\n{waiting}")
    return found[0]


def refute_enqueued(
    task: compat.Task,
    *,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    queue: str | None = None,
    priority: int | None = None,
    run_after: datetime | None = None,
) -> None:
    """Fail if a waiting job of ``task`` fits everything that is given."""
    __tracebackhide__ = True
    if found := _matching(task, args, kwargs, queue, priority, run_after):
        raise AssertionError(f"A job waits that should not: {_described(found[0])}")


def drain(
    *,
    queue: str | None = None,
    now: datetime | None = None,
    scheduled: bool = False,
    raise_errors: bool = False,
    limit: int = 1000,
) -> list[TaskResult]:
    """Run the jobs that are due, and those they enqueue, here and now on the caller's connection.

    Each attempt is recorded before the next one starts. ``now`` also runs what is to fall due until that moment, but
    not what these jobs put off again; ``scheduled`` runs all that is SCHEDULED, retries included. What is on a paused
    queue waits, as it would for a worker. ``raise_errors`` raises what a task raised, after it was recorded. Returns
    one result per attempt, as it was after it. Timeouts are not enforced. Raises AssertionError after ``limit``
    attempts: a job that snoozes for ever would never let it end.
    """
    done: list[TaskResult] = []
    if now is not None:
        _make_ready(_scheduled().filter(run_after__lte=now))
    while (job := _next(queue, scheduled)) is not None:
        if len(done) >= limit:
            raise AssertionError(f"drain() ran {limit} attempts and work is still due, such as {job.task}.")
        done.append(_run_inline(job, raise_errors))
    return done


def _next(queue: str | None, scheduled: bool) -> Job | None:
    database = router.db_for_write(Job)
    if scheduled:
        _make_ready(_scheduled())
    for backend in _scheduled().values_list("backend", flat=True).distinct():
        claiming.promote(database, backend)
    ready = Job.objects.using(database).filter(state=JobState.READY)
    if queue is not None:
        ready = ready.filter(queue=queue)
    paused = QueuePause.objects.using(database).filter(backend=OuterRef("backend"), queue=OuterRef("queue"))
    ready = ready.filter(~Exists(paused))
    best = ready.order_by("-priority", "run_after", "id").first()
    if best is None:
        return None
    claimed = claiming.claim(database, best.backend, {best.queue: 1}, WORKER_ID, rescued=best.rescues > 0)
    return claimed[0] if claimed else None


def _scheduled() -> QuerySet[Job]:
    return Job.objects.using(router.db_for_write(Job)).filter(state=JobState.SCHEDULED)


def _make_ready(scheduled: QuerySet[Job]) -> None:
    run_again(scheduled.db, scheduled.values_list("id", flat=True))


def _run_inline(job: Job, raise_errors: bool) -> TaskResult:
    database = router.db_for_write(Job)
    options: Options = backend_named(job.backend).settings
    outcome: Outcome = execution.run(job, _invoke, options)
    confirmed = recording.record_split(database, [outcome])
    if job.id in confirmed:
        publishing.publish(outcome, confirmed[job.id])
    if raise_errors and outcome.exception is not None:
        raise outcome.exception
    return results.from_job(Job.objects.using(database).get(id=job.id))


def _invoke(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float) -> Any:
    return async_to_sync(func)(*args, **kwargs) if iscoroutinefunction(func) else func(*args, **kwargs)


def _matching(
    task: compat.Task,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    queue: str | None,
    priority: int | None,
    run_after: datetime | None,
) -> list[TaskResult]:
    wanted = {
        "args": None if args is None else payload.normalize(list(args), "args", 2**62),
        "kwargs": None if kwargs is None else payload.normalize(dict(kwargs), "kwargs", 2**62),
    }
    of_task = {"priority": priority, "run_after": run_after}
    return [
        result
        for result in enqueued(task, queue=queue)
        if all(value is None or getattr(result, name) == value for name, value in wanted.items())
        and all(value is None or getattr(result.task, name) == value for name, value in of_task.items())
    ]


def _described(result: TaskResult) -> str:
    args = [*map(repr, result.args), *(f"{name}={value!r}" for name, value in result.kwargs.items())]
    return f"{result.task.module_path}({', '.join(args)}) on {result.task.queue_name}, {result.state.label}"
