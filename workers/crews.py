"""Who works: the workers that are alive and take new jobs, and their slots."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from workers.models import WorkerProcess
from workers.presence import Presence, judge


@dataclass(frozen=True, slots=True)
class Crew:
    """So many workers, with so many slots together."""

    workers: int = 0
    slots: int = 0

    def joined_by(self, slots: int) -> "Crew":
        return Crew(self.workers + 1, self.slots + slots)


def crew(database: str, backend: str, now: datetime, bound: float) -> Crew:
    """All of them. ``now`` is the database's clock; ``bound``: seconds of silence after which a worker is not there."""
    everybody = Crew()
    for _, slots in _alive(database, backend, now, bound):
        everybody = everybody.joined_by(slots)
    return everybody


def crews(database: str, backend: str, now: datetime, bound: float) -> dict[str, Crew]:
    """Of each queue those who serve it. A slot that serves several queues is counted for each of them."""
    found: dict[str, Crew] = {}
    for queues, slots in _alive(database, backend, now, bound):
        for queue in queues:
            found[queue] = found.get(queue, Crew()).joined_by(slots)
    return found


def _alive(database: str, backend: str, now: datetime, bound: float) -> Iterator[tuple[list[str], int]]:
    rows = WorkerProcess.objects.using(database).filter(backend=backend)
    for queues, slots, stopping, beat_at in rows.values_list("queues", "concurrency", "stopping", "beat_at"):
        if judge(stopping, beat_at, now, bound) is Presence.ALIVE:
            yield queues, slots
