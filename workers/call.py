"""A job to be: what is known of it before its row is written."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from workers import compat
from workers.models import JobState
from workers.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one job, as JSON keeps them, and its id."""

    args: list[Any]
    kwargs: dict[str, Any]
    id: UUID = field(default_factory=uuid7)


def initial_state(task: compat.Task) -> JobState:
    """SCHEDULED when the task has a run_after, even one that has passed: the database's clock decides."""
    return JobState.READY if task.run_after is None else JobState.SCHEDULED
