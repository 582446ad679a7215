"""The figures as Prometheus reads them. Every scrape reads the database, so all web processes tell the same."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from django.db import router
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import INF, floatToGoString

from workers import clock, counted, crews, figures
from workers.backends import channels_backends
from workers.counted import Counted
from workers.depths import CAP
from workers.figures import QueueFigures
from workers.histogram import BOUNDS
from workers.measures import LEASE_LOST, OUTCOMES, RESCUED, RUN, WAIT, Duration
from workers.models import Job

OF_QUEUE = ("backend", "queue")
LE = [floatToGoString(bound) for bound in (*BOUNDS, INF)]

GAUGES: dict[str, tuple[str, Callable[[QueueFigures], float]]] = {
    "workers_queue_ready": (f"Due jobs, counted up to {CAP:,}.", lambda queue: queue.ready.number),
    "workers_queue_scheduled": (
        f"Jobs that are not due yet, among the next {CAP:,} of all queues.",
        lambda queue: queue.scheduled.number,
    ),
    "workers_queue_oldest_due_seconds": (
        "For how long the oldest due job has been due; 0: none is.",
        lambda queue: queue.oldest_due or 0.0,
    ),
    "workers_queue_running": ("Jobs that run.", lambda queue: queue.running),
    "workers_queue_workers": ("Live workers that serve the queue.", lambda queue: queue.workers),
    "workers_queue_slots": ("Slots of those workers, shared with other queues or not.", lambda queue: queue.slots),
    "workers_queue_paused": ("1: no worker claims from it.", lambda queue: queue.paused),
}


class JobsCollector:
    """Everything there is to tell of all backends that workers serve."""

    def collect(self) -> Iterator[Metric]:
        database = router.db_for_write(Job)
        backends = channels_backends()
        now = clock.now(database)
        workers = GaugeMetricFamily("workers_alive", "Live worker processes.", labels=("backend",))
        slots = GaugeMetricFamily("workers_slots", "Slots of the live workers.", labels=("backend",))
        queues: list[QueueFigures] = []
        totals: dict[tuple[str, str], Counted] = {}
        for backend in backends:
            crew = crews.crew(database, backend.alias, now, backend.settings.heartbeat_bound)
            workers.add_metric((backend.alias,), crew.workers)
            slots.add_metric((backend.alias,), crew.slots)
            found = figures.queues(database, backend.alias)
            queues += found
            # Also of queues in which nothing has happened yet: a rate needs a zero to begin with.
            totals |= {(backend.alias, queue.queue): Counted() for queue in found}
            sums = counted.since_ever(database, backend.alias)
            totals |= {(backend.alias, queue): numbers for queue, numbers in sums.items()}
        yield from (workers, slots, *gauges(queues), *counters(totals))
        yield histogram("workers_job_wait_seconds", "From when an attempt was due until it was claimed.", WAIT, totals)
        yield histogram("workers_job_run_seconds", "From the beginning of an attempt until its end.", RUN, totals)


def gauges(queues: Iterable[QueueFigures]) -> Iterator[Metric]:
    queues = list(queues)
    for name, (told, value) in GAUGES.items():
        family = GaugeMetricFamily(name, told, labels=OF_QUEUE)
        for queue in queues:
            family.add_metric((queue.backend, queue.queue), value(queue))
        yield family


def counters(totals: dict[tuple[str, str], Counted]) -> Iterator[Metric]:
    jobs = CounterMetricFamily("workers_jobs", "Outcomes of attempts, and jobs ended.", labels=(*OF_QUEUE, "outcome"))
    rescues = CounterMetricFamily("workers_rescues", "Jobs whose worker was lost.", labels=OF_QUEUE)
    losses = CounterMetricFamily("workers_lease_losses", "Outcomes that came too late to count.", labels=OF_QUEUE)
    for labels, numbers in totals.items():
        for outcome in OUTCOMES:
            jobs.add_metric((*labels, outcome), numbers.number(outcome))
        rescues.add_metric(labels, numbers.number(RESCUED))
        losses.add_metric(labels, numbers.number(LEASE_LOST))
    return iter((jobs, rescues, losses))


def histogram(name: str, told: str, duration: Duration, totals: dict[tuple[str, str], Counted]) -> Metric:
    family = HistogramMetricFamily(name, told, labels=OF_QUEUE)
    for labels, numbers in totals.items():
        # As Prometheus wants them each bucket holds those before it too.
        buckets = list(zip(LE, accumulate(numbers.buckets(duration)), strict=True))
        family.add_metric(labels, buckets, numbers.seconds(duration))
    return family


# Of its own: what other libraries put into the global one speaks of one process, and here any may answer.
registry = CollectorRegistry()
registry.register(JobsCollector())
