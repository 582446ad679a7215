"""Many jobs of one task at the price of one statement per thousand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import router, transaction

from workers import compat, payload, results, tracing
from workers.after_commit import after_commit
from workers.backend import ChannelsBackend, tell_owner, warn_about_foreign_transaction
from workers.call import Call
from workers.lifecycle import enqueueing
from workers.models import Job
from workers.notifier import notifier
from workers.task import refuse_unless_importable

Arguments = tuple[Sequence[Any], Mapping[str, Any]]
"""Positional and keyword arguments of one job."""


def enqueue_many(task: compat.Task, calls: Iterable[Arguments]) -> list[str]:
    """Enqueue ``task`` once for each ``(args, kwargs)``; the ids, in the order given.

    All of them or none: one transaction, or part of the caller's. Raises, before anything is written, what ``enqueue``
    raises, with the number of the call that is wrong. ``task_enqueued`` is sent for each. On a backend that is not the
    workers' the jobs are enqueued one by one.
    """
    if not isinstance(task, compat.Task):
        raise TypeError(f"{task!r} is not a task; decorate it with @task.")
    backend = task.get_backend()
    checked = [_checked(number, call) for number, call in enumerate(calls, 1)]
    if not isinstance(backend, ChannelsBackend):
        return [task.enqueue(*args, **kwargs).id for args, kwargs in checked]
    backend.validate_task(task)
    refuse_unless_importable(task)
    jobs = [_call(number, args, kwargs, backend) for number, (args, kwargs) in enumerate(checked, 1)]
    if not jobs:
        return []
    database = router.db_for_write(Job)
    warn_about_foreign_transaction(database, task)
    with transaction.atomic(using=database):
        with tracing.enqueuing(task.queue_name, task.module_path, [job.id for job in jobs]) as trace:
            enqueued_at = enqueueing.insert(database, task, jobs, trace)
        after_commit(database, notifier.notify, task.queue_name, jobs[0].id)
        tell_owner(database, task, jobs)
    sender = type(backend)
    if compat.task_enqueued.has_listeners(sender):
        for job in jobs:
            compat.task_enqueued.send(sender, task_result=results.of_new_job(task, job, enqueued_at))
    return [str(job.id) for job in jobs]


def _checked(number: int, call: Any) -> Arguments:
    match call:
        case (list() | tuple() as args, Mapping() as kwargs) if all(isinstance(name, str) for name in kwargs):
            return args, kwargs
    raise TypeError(f"call {number} is {call!r:.80}; give (args, kwargs), as in ((1, 2), {{'name': 3}}).")


def _call(number: int, args: Sequence[Any], kwargs: Mapping[str, Any], backend: ChannelsBackend) -> Call:
    try:
        return Call(*payload.normalize_arguments(args, kwargs, backend.settings.max_bytes))
    except (TypeError, ValueError) as error:
        raise type(error)(f"call {number}: {error}") from None
