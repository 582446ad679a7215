"""What is shown of the queues is what is there, and costs as little with many jobs as with few."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import tasks
from workers import clock, depths, figures
from workers.depths import Count
from workers.lifecycle import claiming
from workers.measures import OUTCOMES, RUN, WAIT
from workers.models import Job, JobState, QueuePause, Tally, WorkerProcess
from workers.steps import MINUTE, start_of_step

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

HOUR = timedelta(hours=1)


def figures_of(queue: str = "default", backend: str = "default") -> figures.QueueFigures:
    [found] = [each for each in figures.queues("default", backend) if each.queue == queue]
    return found


def a_worker(name: str, *queues: str, slots: int = 4, **fields) -> None:
    given = {"backend": "default", "hostname": "h", "pid": 1} | fields
    WorkerProcess.objects.create(id=name, queues=queues or ["default"], concurrency=slots, **given)


def jobs(count: int, **fields) -> None:
    given = {"task": "tests.tasks.echo"} | fields
    Job.objects.bulk_create(Job(**given) for _ in range(count))


def counted(minutes_ago: float, queue: str = "default", now: datetime | None = None, **measures: int) -> None:
    """Written so many minutes ago; ``wait_0_1=3``: three waits in the bucket up to 0.1 s."""
    minute = start_of_step(now or clock.now("default"), MINUTE) - timedelta(minutes=minutes_ago)
    for name, count in measures.items():
        kind, _, bound = name.partition("_")
        measure = f"{kind} {bound.replace('_', '.')}" if bound else kind
        assert measure in (*WAIT.buckets, *RUN.buckets, *OUTCOMES)
        Tally.objects.create(backend="default", queue=queue, minute=minute, measure=measure, count=count)


def test_every_queue_of_the_settings_is_there_from_the_start(settings):
    assert [each.queue for each in figures.queues("default", "default")] == settings.TASKS["default"]["QUEUES"]
    empty = figures_of("thumbnailer")
    assert (str(empty.ready), str(empty.scheduled), empty.running, empty.paused) == ("0", "0", 0, False)
    assert (empty.oldest_due, empty.wait_median, empty.run_p95) == (None, None, None)
    assert (empty.workers, empty.slots, empty.done_per_minute, empty.failed_per_minute) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "there",
    [
        lambda: jobs(1, queue="extra"),
        lambda: jobs(1, queue="extra", state=JobState.SCHEDULED),
        lambda: jobs(1, queue="extra", state=JobState.RUNNING),
        lambda: a_worker("w", "extra"),
        lambda: counted(1, "extra", failed=1),
        lambda: QueuePause.objects.create(backend="default", queue="extra"),
    ],
)
def test_a_queue_of_no_setting_is_shown_when_there_is_something_in_it(there):
    there()
    assert [each.queue for each in figures.queues("default", "default")][-1] == "extra"


def test_depths_are_counted_by_queue_and_state():
    jobs(3)
    jobs(2, queue="thumbnailer")
    jobs(4, state=JobState.SCHEDULED, run_after=clock.now("default") + HOUR)
    jobs(5, state=JobState.SUCCESSFUL)
    jobs(6, backend="another")
    assert len(claiming.claim("default", "default", {"thumbnailer": 1}, "w")) == 1
    default, thumbnailer = figures_of(), figures_of("thumbnailer")
    assert (default.ready, default.scheduled, default.running) == (Count(3), Count(4), 0)
    assert (thumbnailer.ready, thumbnailer.scheduled, thumbnailer.running) == (Count(1), Count(0), 1)


def test_a_depth_is_counted_up_to_the_cap_and_says_so(monkeypatch):
    monkeypatch.setattr(depths, "CAP", 3)
    for queue, count in (("default", 3), ("thumbnailer", 4)):
        jobs(count, queue=queue)
    assert (str(figures_of().ready), str(figures_of("thumbnailer").ready)) == ("3", "3+")
    jobs(3, state=JobState.SCHEDULED)
    assert str(figures_of().scheduled) == "3"
    jobs(1, state=JobState.SCHEDULED, queue="thumbnailer", run_after=clock.now("default") + HOUR)
    assert str(figures_of().scheduled) == "3+"


def test_large_counts_are_readable():
    assert str(Count(10_000, capped=True)) == "10,000+"


def test_the_oldest_due_job_is_found_behind_more_urgent_ones():
    now = clock.now("default")
    for priority, hours in ((9, 1), (9, 2), (0, 5), (-4, 3)):
        jobs(1, priority=priority, run_after=now - hours * HOUR)
    assert figures_of().oldest_due == pytest.approx(5 * 3600, abs=60)


def test_a_scheduled_job_is_due_when_its_time_has_come_and_not_before():
    now = clock.now("default")
    jobs(1, state=JobState.SCHEDULED, run_after=now + HOUR)
    assert figures_of().oldest_due is None
    jobs(1, state=JobState.SCHEDULED, run_after=now - HOUR)
    assert figures_of().oldest_due == pytest.approx(3600, abs=60)


def test_slots_are_those_of_the_workers_that_take_new_jobs():
    a_worker("one", "default", "thumbnailer", slots=4)
    a_worker("two", "default", slots=2)
    a_worker("stopping", slots=8, stopping=True)
    a_worker("silent", slots=16, beat_at=clock.now("default") - HOUR)
    a_worker("foreign", slots=32, backend="another")
    assert (figures_of().workers, figures_of().slots) == (2, 6)
    assert (figures_of("thumbnailer").workers, figures_of("thumbnailer").slots) == (1, 4)


def test_a_paused_queue_is_shown_so():
    QueuePause.objects.create(backend="default", queue="thumbnailer")
    QueuePause.objects.create(backend="another", queue="default")
    assert (figures_of("thumbnailer").paused, figures_of().paused) == (True, False)


def test_rates_and_times_are_those_of_the_last_minutes():
    counted(1, successful=30, failed=2, discarded=1, wait_0_1=10, run_1=10)
    counted(3, successful=30, retried=9, wait_10=10, run_10=1)
    counted(figures.WINDOW + 1, successful=10_000, wait_86400=10_000, run_86400=10_000)
    found = figures_of()
    assert 60 / 6 < found.done_per_minute <= 60 / 5
    assert 3 / 6 < found.failed_per_minute <= 3 / 5
    assert found.done_per_minute == pytest.approx(20 * found.failed_per_minute)
    assert (found.wait_median, found.run_median) == (pytest.approx(0.1), pytest.approx(0.5 + 0.5 * 5.5 / 10))
    assert 5 < found.wait_p95 < 10
    assert 5 < found.run_p95 <= 10


def test_nothing_reads_more_statements_because_there_is_more_to_read():
    for queue in ("default", "thumbnailer"):
        jobs(2, queue=queue)
    few = statements()
    for queue in ("default", "thumbnailer"):
        jobs(100, queue=queue)
    jobs(100, state=JobState.SCHEDULED)
    for number in range(20):
        a_worker(str(number), "default")
    assert statements() == few <= 20


def statements() -> int:
    with CaptureQueriesContext(connection) as queries:
        figures.queues("default", "default")
    return len(queries)


def test_a_real_jobs_way_is_seen():
    tasks.echo.enqueue()
    assert figures_of().ready == Count(1)
    assert len(claiming.claim("default", "default", {"default": 1}, "w")) == 1
    assert (figures_of().ready, figures_of().running) == (Count(0), 1)
    assert figures_of().oldest_due is None
