"""The workers that are there, each with its slots and what it does."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from workers.admin.rendering import NOTHING, coloured, spelled
from workers.backends import options_of
from workers.models import Job, JobState, WorkerProcess
from workers.presence import presence

SHOWN_WORKERS = 50
SHOWN_JOBS = 8
"""Of each worker: the board is for a look."""


@dataclass(frozen=True)
class Held:
    """A job in a worker's hands, and for how long its attempt has run."""

    id: UUID
    task: str
    age: str


@dataclass(frozen=True)
class Entry:
    """One worker. ``jobs``: those that it runs, the longest first."""

    id: str
    state: str
    queues: list[str]
    slots: int
    age: str
    jobs: list[Held]

    @property
    def shown(self) -> list[Held]:
        return self.jobs[:SHOWN_JOBS]

    @property
    def more(self) -> int:
        return len(self.jobs) - len(self.shown)


@dataclass(frozen=True)
class Roster:
    """``workers`` and ``slots`` count everybody; ``entries`` are the newest SHOWN_WORKERS."""

    workers: int
    slots: int
    entries: list[Entry]


def roster(database: str, now: datetime) -> Roster:
    """Three statements, however many workers and jobs there are. ``now`` is the database's clock."""
    everybody = WorkerProcess.objects.using(database)
    newest = list(everybody.order_by("-started_at", "-id")[:SHOWN_WORKERS])
    held = _held(database, [worker.id for worker in newest], now)
    slots = everybody.aggregate(all=Sum("concurrency"))["all"] or 0
    return Roster(everybody.count(), slots, [_entry(worker, held.get(worker.id, []), now) for worker in newest])


def _entry(worker: WorkerProcess, jobs: list[Held], now: datetime) -> Entry:
    state = coloured(presence(worker, now, options_of(worker.backend).heartbeat_bound))
    return Entry(worker.id, state, worker.queues, worker.concurrency, spelled(now - worker.started_at), jobs)


def _held(database: str, worker_ids: Collection[str], now: datetime) -> dict[str, list[Held]]:
    # As many rows as these workers have slots, and the few that they claimed ahead.
    jobs = Job.objects.using(database).filter(worker_id__in=worker_ids, state=JobState.RUNNING)
    rows = jobs.order_by("last_attempted_at", "id").values_list("worker_id", "id", "task", "last_attempted_at")
    held: dict[str, list[Held]] = defaultdict(list)
    for worker_id, job_id, task, began in rows:
        held[worker_id].append(Held(job_id, task, spelled(now - began) if began else NOTHING))
    return held
