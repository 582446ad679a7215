"""What one worker process serves, and how its free slots are shared between queues."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workers.conf import Options


@dataclass(frozen=True)
class Assignment:
    """Which queues of which backend, on which database, and how many jobs at once.

    ``embedded``: in the development server, whose predecessor on this host may have died in the middle of a job.
    """

    database: str
    backend: str
    queues: tuple[str, ...]
    concurrency: int
    options: Options
    embedded: bool = False


def opening(queues: Sequence[str], room: int, turn: int) -> dict[str, int]:
    """One slot for each queue, beginning with another one every turn; what is left goes to the first named.

    No queue can starve another, and an urgent one is named first.
    """
    start = turn % len(queues)
    rotated = [*queues[start:], *queues[:start]]
    wants = dict.fromkeys(rotated[:room], 1)
    left = room - len(wants)
    if left > 0:
        wants[queues[0]] += left
    return wants


def filling(queues: Sequence[str], exhausted: Collection[str], room: int) -> dict[str, int]:
    """All the room that is left for the first queue that may still have due work; nothing when there is none."""
    open_queues = [queue for queue in queues if queue not in exhausted]
    return {open_queues[0]: room} if open_queues and room > 0 else {}
