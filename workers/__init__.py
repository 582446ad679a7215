"""The background-task runner: jobs kept in the database, woken through the channel layer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workers.backoff import Constant, Exponential
from workers.exceptions import Cancelled, Discard, LeaseLost, Retry, Snooze, TaskTimeout
from workers.task import Task, task

__all__ = [
    "Cancelled",
    "Constant",
    "Discard",
    "Exponential",
    "LeaseLost",
    "Retry",
    "Snooze",
    "Task",
    "TaskTimeout",
    "enqueue_many",
    "task",
]


def enqueue_many(task: Any, calls: Iterable[tuple[Sequence[Any], Mapping[str, Any]]]) -> list[str]:
    """Enqueue ``task`` once for each ``(args, kwargs)``, a thousand per statement: see ``workers.bulk``."""
    # Only now: this package is imported before the models may be.
    from workers.bulk import enqueue_many

    return enqueue_many(task, calls)
