"""What the ledger is told, and where it puts the jobs that it claimed."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from workers.models import Job


class Order(Enum):
    """What the engine tells the ledger at the end."""

    LOOK = "a job was rescued, look for it"
    QUIESCE = "claim nothing more, give back what has not started"
    HAND_BACK = "give back what still runs"
    CLOSE = "write what is left and end"


@dataclass(frozen=True)
class Woken:
    """A message came in on a queue's channel, naming a job."""

    queue: str
    job_id: str


Requests = dict[tuple[UUID, UUID | None], str]
"""Jobs called off, by id and the claim's token, which a later run of the same job does not have; and by whom."""


class Claimed(NamedTuple):
    """A job and when it was claimed, by the monotonic clock."""

    job: Job
    at: float


Todo = queue.SimpleQueue[Claimed | None]
"""Where claimed jobs go: the slots' queue."""


def take_back(todo: Todo) -> Iterator[Job]:
    """The jobs that no slot has begun."""
    try:
        while (claimed := todo.get_nowait()) is not None:
            yield claimed.job
        todo.put(None)  # it was meant for a slot, to end
    except queue.Empty:
        return
