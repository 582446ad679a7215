"""What people and machines are shown of the queues: depths from the jobs, rates and times from what workers counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workers import clock, counted, crews, depths
from workers.backends import channels_backends, options_of
from workers.counted import Counted
from workers.crews import Crew
from workers.depths import Count, Waiting
from workers.measures import DONE, FAILED, RUN, WAIT
from workers.models import QueuePause
from workers.steps import MINUTE, start_of_step

WINDOW = 5
"""Minutes that the rates and times of ``queues`` look back, beside the one that is under way."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue now. Times in seconds, None where there is nothing to time; rates and quantiles are of the last WINDOW
    minutes."""

    backend: str
    queue: str
    paused: bool
    ready: Count
    scheduled: Count
    oldest_due: float | None
    """For how long the oldest due job has been due."""
    running: int
    workers: int
    """Alive, and serving this queue."""
    slots: int
    """Of those workers; a slot that serves several queues is counted for each of them."""
    done_per_minute: float
    failed_per_minute: float
    """Failed for good, or discarded; a retry is neither."""
    wait_median: float | None
    wait_p95: float | None
    run_median: float | None
    run_p95: float | None


def queues(database: str, backend: str) -> list[QueueFigures]:
    """Every queue of the settings in their order, then others that have jobs, workers or counts by name. About twenty
    short statements, however many jobs there are."""
    now, bound = clock.now(database), options_of(backend).heartbeat_bound
    since = start_of_step(now, MINUTE) - WINDOW * MINUTE
    minutes = (now - since) / MINUTE
    counts = counted.since(database, backend, since)
    ready, scheduled = depths.ready(database, backend), depths.scheduled(database, backend)
    running = depths.running(database, backend)
    crew_of = crews.crews(database, backend, now, bound)
    paused = set(QueuePause.objects.using(database).filter(backend=backend).values_list("queue", flat=True))

    def of(queue: str) -> QueueFigures:
        due, comes = ready.get(queue, Waiting()), scheduled.get(queue, Waiting())
        crew, numbers = crew_of.get(queue, Crew()), counts.get(queue, Counted())
        return QueueFigures(
            backend=backend,
            queue=queue,
            paused=queue in paused,
            ready=due.count,
            scheduled=comes.count,
            oldest_due=_age_of_oldest(now, due.first_due, comes.first_due),
            running=running.get(queue, 0),
            workers=crew.workers,
            slots=crew.slots,
            done_per_minute=numbers.number(*DONE) / minutes,
            failed_per_minute=numbers.number(*FAILED) / minutes,
            wait_median=numbers.quantile(WAIT, 0.5),
            wait_p95=numbers.quantile(WAIT, 0.95),
            run_median=numbers.quantile(RUN, 0.5),
            run_p95=numbers.quantile(RUN, 0.95),
        )

    return [of(queue) for queue in _names(backend, {*counts, *ready, *scheduled, *running, *crew_of, *paused})]


def _names(backend: str, others: Iterable[str]) -> list[str]:
    declared = [name for each in channels_backends() if each.alias == backend for name in each.queue_names]
    return list(dict.fromkeys([*declared, *sorted(others)]))


def _age_of_oldest(now: datetime, *first_due: datetime | None) -> float | None:
    # What fell due after the clock was read is not older than nothing.
    ages = [(now - time).total_seconds() for time in first_due if time is not None]
    return max((age for age in ages if age >= 0), default=None)
