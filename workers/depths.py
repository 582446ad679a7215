"""How deep the queues are, read along the indexes and no further than CAP rows: a million jobs take no longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Count as Rows
from django.db.models import QuerySet

from workers import clock
from workers.models import Job, JobState
from workers.unserved import waiting_queues

CAP = 10_000

SCHEDULED = """
SELECT queue, COUNT(*), MIN(run_after)
FROM (SELECT queue, run_after FROM workers_job
      WHERE backend = %s AND state = 'SCHEDULED' ORDER BY run_after LIMIT %s) AS soonest
GROUP BY queue
"""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of jobs; ``capped``: there may be more, which nobody counted."""

    number: int = 0
    capped: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.capped else ''}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one queue in one state, and when the first of them was due, or will be."""

    count: Count = Count()
    first_due: datetime | None = None


def ready(database: str, backend: str) -> dict[str, Waiting]:
    """The READY jobs of every queue that has any, each queue's counted up to CAP."""
    return {queue: _ready(database, backend, queue) for queue in waiting_queues(database, backend)}


def scheduled(database: str, backend: str) -> Mapping[str, Waiting]:
    """The SCHEDULED jobs of every queue among the next CAP to fall due; when there are more, every count is capped."""
    with connections[database].cursor() as cursor:
        cursor.execute(SCHEDULED, [backend, CAP + 1])
        rows = cursor.fetchall()
    capped = sum(count for _, count, _ in rows) > CAP
    return {queue: Waiting(Count(count, capped), clock.aware(first_due)) for queue, count, first_due in rows}


def running(database: str, backend: str) -> dict[str, int]:
    """How many jobs run of every queue: never more than there are slots."""
    jobs = Job.objects.using(database).filter(backend=backend, state=JobState.RUNNING)
    return dict(jobs.order_by().values_list("queue").annotate(Rows("id")))


def _ready(database: str, backend: str, queue: str) -> Waiting:
    jobs = Job.objects.using(database).filter(backend=backend, queue=queue, state=JobState.READY)
    # In the order of the claim's index, or PostgreSQL would take a LIMIT without order for a reason to read the table.
    count = jobs.order_by("-priority", "run_after", "id").values("id")[: CAP + 1].count()
    return Waiting(Count(min(count, CAP), capped=count > CAP), _first_due(jobs))


def _first_due(jobs: "QuerySet[Job]") -> datetime | None:
    # The index goes by priority first, so from one priority to the next; of each the first is the oldest.
    firsts = jobs.order_by("-priority", "run_after").values_list("priority", "run_after")
    oldest, first = None, firsts.first()
    while first:
        priority, run_after = first
        oldest = run_after if oldest is None else min(oldest, run_after)
        first = firsts.filter(priority__lt=priority).first()
    return oldest
