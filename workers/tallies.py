"""What a worker counts: outcomes, waits and run times of each queue, in memory, and now and then into ``Tally``."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models.functions import Now

from workers.connection import bounded_transaction
from workers.histogram import Histogram
from workers.lifecycle.wire import fetch_alone
from workers.measures import MEASURE_OF, RUN, WAIT, measure_of
from workers.models import Job, JobState, Tally
from workers.models.tally import SINCE_EVER
from workers.outcome import Outcome

WRITE_INTERVAL = 10.0
KEPT = timedelta(days=2)
BATCH = 10_000

ADD = """
INSERT INTO workers_tally (backend, queue, minute, measure, count) VALUES {rows}
ON CONFLICT (backend, minute, queue, measure) DO UPDATE SET count = workers_tally.count + excluded.count
"""
THIS_MINUTE = {
    "postgresql": "date_trunc('minute', statement_timestamp())",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:00', 'now')",
}

Counted = tuple[str, str, int]
"""Queue, measure and how many."""


class QueueTally:
    """What was counted of one queue since the last write."""

    __slots__ = ("numbers", "run", "wait")

    def __init__(self) -> None:
        self.numbers: defaultdict[str, int] = defaultdict(int)
        self.wait = Histogram()
        self.run = Histogram()

    def __iter__(self) -> Iterator[tuple[str, int]]:
        yield from self.numbers.items()
        for duration, histogram in ((WAIT, self.wait), (RUN, self.run)):
            yield from zip(duration.buckets, histogram.counts, strict=True)
            yield duration.sum, round(histogram.seconds * 1_000_000)


class Tallies:
    """Counts for one worker, on one thread, and says when it is time to write: WRITE_INTERVAL seconds after the first
    count, and never while nothing was counted."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, QueueTally] = defaultdict(QueueTally)
        self._due_at: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Until the next write is due; None: there is nothing to write."""
        return None if self._due_at is None else max(self._due_at - time.monotonic(), 0.0)

    def count(self, batch: Iterable[tuple[Outcome, datetime | None] | Job]) -> None:
        """Outcomes that the database has confirmed, each with when its job finished, or None when it goes on; or jobs
        that ended without an attempt of this worker."""
        self._plan()
        for item in batch:
            if isinstance(item, Job):
                self._count_ended(item)
                continue
            outcome, finished_at = item
            job = outcome.job
            tally = self._queues[job.queue]
            if measure := measure_of(outcome, finished_at):
                tally.numbers[measure] += 1
            if not outcome.has_run or job.last_attempted_at is None:
                continue
            if not job.interruptions:
                # Handed back by a shutdown it keeps its run_after, and would seem to wait for as long as it ran.
                tally.wait.add((job.last_attempted_at - job.run_after).total_seconds())
            if job.ran_for is not None:
                tally.run.add(job.ran_for)
            elif finished_at is not None:
                tally.run.add((finished_at - job.last_attempted_at).total_seconds())

    def add(self, queue: str, measure: str) -> None:
        """One more of something that is not an outcome."""
        self._plan()
        self._queues[queue].numbers[measure] += 1

    def take(self) -> list[Counted]:
        """What was counted since the last time; from here on it is somebody else's to keep."""
        queues, self._queues, self._due_at = self._queues, defaultdict(QueueTally), None
        return [(queue, measure, count) for queue, tally in queues.items() for measure, count in tally if count]

    def _count_ended(self, job: Job) -> None:
        if job.is_finished:
            self._queues[job.queue].numbers[MEASURE_OF[JobState(job.state)]] += 1

    def _plan(self) -> None:
        if self._due_at is None:
            self._due_at = time.monotonic() + WRITE_INTERVAL


def write(database: str, backend: str, counted: Iterable[Counted]) -> None:
    """Add these numbers to the minute that it is by the database's clock, and to the sums since ever."""
    # Every worker locks the rows in the same order, so that no two wait for each other.
    numbers = sorted(counted)
    if not numbers:
        return
    connection = connections[database]
    this_minute = THIS_MINUTE[connection.vendor]
    rows, values = [], list[Any]()
    for minute, given in (("%s", [connection.ops.adapt_datetimefield_value(SINCE_EVER)]), (this_minute, [])):
        for queue, measure, count in numbers:
            rows.append(f"(%s, %s, {minute}, %s, %s)")
            values += [backend, queue, *given, measure, count]
    sql = ADD.format(rows=", ".join(rows))
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        fetch_alone(database, f"{sql} RETURNING 1", values)
        return
    with bounded_transaction(database, durable=False), connection.cursor() as cursor:
        cursor.execute(sql, values)


def write_ended(database: str, jobs: Iterable[Job]) -> None:
    """Count at once what people ended: no worker sees it."""
    numbers: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for job in jobs:
        numbers[job.backend][job.queue, MEASURE_OF[JobState(job.state)]] += 1
    for backend, counts in numbers.items():
        write(database, backend, [(queue, measure, count) for (queue, measure), count in counts.items()])


def prune(database: str, backend: str, limit: int = BATCH) -> int:
    """Delete up to ``limit`` rows of minutes longer past than KEPT; how many. The sums since ever stay."""
    old = Tally.objects.using(database).filter(backend=backend, minute__gt=SINCE_EVER, minute__lt=Now() - KEPT)
    with transaction.atomic(using=database, savepoint=False):
        # Locked first, so that workers that prune at the same time do not wait for each other.
        ids = list(old.select_for_update(skip_locked=True).order_by("minute").values_list("id", flat=True)[:limit])
        if ids:
            Tally.objects.using(database).filter(id__in=ids).delete()
    return len(ids)
