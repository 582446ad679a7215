"""What the workers count comes to the database once, whoever else writes, and whatever breaks in between."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.models import Sum

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import clock, steering, tallies
from workers.lifecycle import claiming
from workers.measures import LEASE_LOST, OUTCOMES, RESCUED, RUN, WAIT
from workers.models import Job, JobState, Tally, WorkerProcess
from workers.models.tally import SINCE_EVER
from workers.tally_writer import TallyWriter

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def since_ever(queue: str = "default") -> dict[str, int]:
    return dict(Tally.objects.filter(queue=queue, minute=SINCE_EVER).values_list("measure", "count"))


def by_the_minute(queue: str = "default") -> dict[str, int]:
    rows = Tally.objects.filter(queue=queue, minute__gt=SINCE_EVER)
    return dict(rows.values_list("measure").annotate(Sum("count")))


def outcomes() -> dict[str, int]:
    return {measure: count for measure, count in since_ever().items() if measure in (*OUTCOMES, RESCUED, LEASE_LOST)}


def durations(measures: dict[str, int], kind) -> int:
    return sum(measures.get(bucket, 0) for bucket in kind.buckets)


def test_a_worker_counts_what_became_of_its_jobs(finished):
    with running_worker():
        for result in (
            tasks.echo.enqueue(),
            tasks.fail.enqueue(),
            tasks.discard.enqueue("no"),
            tasks.succeed_at.enqueue(2),
        ):
            finished(result)
        tasks.snooze.enqueue(1000)
        wait_until(lambda: Job.objects.filter(snoozes=1), "it snoozes")
    wait_until(outcomes, "the last counts are written")
    assert outcomes() == {"successful": 2, "failed": 1, "discarded": 1, "retried": 1, "snoozed": 1}
    assert durations(since_ever(), WAIT) == durations(since_ever(), RUN) == 6
    assert since_ever() == by_the_minute()


def test_a_worker_that_did_nothing_writes_nothing():
    with running_worker() as worker:
        wait_until(lambda: worker.worker.engine.ledger.idle.is_set(), "its first look is over")
    assert not Tally.objects.exists()


def test_what_was_counted_is_written_while_the_worker_waits_and_then_nothing_more(finished, monkeypatch):
    monkeypatch.setattr(tallies, "WRITE_INTERVAL", 0.05)
    with running_worker() as worker:
        for number in (1, 2):
            finished(tasks.note.enqueue(number))
            wait_until(lambda number=number: since_ever().get("successful") == number, "it is written")
        publisher = worker.worker.engine._publisher
        wait_until(lambda: publisher._tallies.seconds_left is None, "nothing is due any more")
        wait_until(lambda: not publisher._writer._unwritten, "nothing is left to write")


def test_a_busy_worker_writes_too(monkeypatch):
    monkeypatch.setattr(tallies, "WRITE_INTERVAL", 0.05)
    with running_worker():
        while not since_ever():
            tasks.echo.enqueue()


def test_a_rescue_is_counted(options, finished):
    options(HEARTBEAT_INTERVAL=0.1, HEARTBEAT_BOUND=0.6, POLL_INTERVAL=0.1)
    result = tasks.note.enqueue("rescued")
    WorkerProcess.objects.create(id="dead", backend="default", hostname="elsewhere", pid=1, concurrency=4)
    claiming.claim("default", "default", {"default": 1}, "dead")
    with running_worker():
        finished(result)
    wait_until(outcomes, "the last counts are written")
    assert outcomes() == {RESCUED: 1, "successful": 1}


def test_a_rescue_by_burying_a_sibling_is_counted(finished):
    result = tasks.note.enqueue("rescued")
    WorkerProcess.objects.create(id="dead", backend="default", hostname="elsewhere", pid=1, concurrency=4)
    claiming.claim("default", "default", {"default": 1}, "dead")
    with running_worker() as worker:
        worker.worker.engine.bury("dead", [], lambda: None)
        finished(result)
    wait_until(outcomes, "the last counts are written")
    assert outcomes() == {RESCUED: 1, "successful": 1}


def test_a_job_rescued_too_often_is_counted_as_failed_too(options):
    options(HEARTBEAT_INTERVAL=0.1, HEARTBEAT_BOUND=0.6, POLL_INTERVAL=0.1, MAX_RESCUES=0)
    tasks.note.enqueue("hopeless")
    claiming.claim("default", "default", {"default": 1}, "vanished")
    with running_worker():
        wait_until(lambda: Job.objects.filter(state=JobState.FAILED), "it is given up")
    wait_until(outcomes, "the last counts are written")
    assert outcomes() == {RESCUED: 1, "failed": 1}


def test_a_lost_lease_is_counted():
    tasks.wait_at_gate.enqueue("slow")
    with running_worker() as worker:
        wait_until(lambda: tasks.seen, "it runs")
        WorkerProcess.objects.create(id="another", backend="default", hostname="elsewhere", pid=1, concurrency=4)
        Job.objects.update(claim_token=uuid4(), worker_id="another")
        tasks.gate.set()
        wait_until(lambda: worker.worker.engine.ledger.idle.is_set(), "its outcome is refused")
    wait_until(outcomes, "the last counts are written")
    assert outcomes() == {LEASE_LOST: 1}


def test_what_people_end_is_counted():
    for _ in range(3):
        tasks.note.enqueue("x")
    first, second, third = Job.objects.order_by("id").values_list("id", flat=True)
    steering.cancel([first, second], by="ann")
    steering.discard([third], by="ann")
    assert outcomes() == {"cancelled": 2, "discarded": 1}
    assert Job.objects.count() == 3


def test_workers_that_write_at_the_same_time_lose_nothing_and_do_not_deadlock():
    measures, times = ["successful", *WAIT.buckets, *RUN.buckets], 40
    errors = []

    def write_on(order: int) -> None:
        try:
            for _ in range(times):
                counted = [(queue, measure, 1) for queue in ("a", "b") for measure in measures]
                tallies.write("default", "default", counted[::order])
        except Exception as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=write_on, args=[order]) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for queue in ("a", "b"):
        assert since_ever(queue) == by_the_minute(queue) == dict.fromkeys(measures, len(threads) * times)


def test_a_minute_is_the_databases_own():
    before = clock.now("default")
    tallies.write("default", "default", [("default", "successful", 3)])
    after = clock.now("default")
    [minute] = Tally.objects.exclude(minute=SINCE_EVER).values_list("minute", flat=True)
    assert (minute.second, minute.microsecond) == (0, 0)
    assert before - timedelta(minutes=1) < minute <= after


@pytest.fixture
def writer():
    made = TallyWriter("default", "default")
    made.start()
    yield made
    made.close(10)
    assert not made._thread.is_alive()


def test_what_could_not_be_written_is_kept_for_the_next_time(caplog, monkeypatch, writer):
    monkeypatch.setattr(tallies, "WRITE_INTERVAL", 0.05)
    rename("workers_tally", "elsewhere")
    try:
        writer.put([("default", RESCUED, 1)])
        wait_until(lambda: "kept for the next time" in caplog.text, "it is told")
        writer.put([("default", RESCUED, 1)])
    finally:
        rename("elsewhere", "workers_tally")
    wait_until(lambda: since_ever() == {RESCUED: 2}, "it is written without being handed anything more")
    assert caplog.text.count("kept for the next time") == 1


def test_what_was_handed_over_last_is_written_before_the_end(writer):
    writer.put([("default", RESCUED, 1)])
    writer.put([])
    writer.put([("default", RESCUED, 1), ("mails", RESCUED, 5)])
    writer.close(10)
    assert (since_ever(), since_ever("mails")) == ({RESCUED: 2}, {RESCUED: 5})


def test_while_jobs_hold_every_connection_outcomes_are_told_all_the_same(monkeypatch, heard):
    """The write waits for a connection, and nobody else does."""
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres: SQLite has no pool")
    monkeypatch.setattr(tallies, "WRITE_INTERVAL", 0.05)
    held, let_go = [], threading.Event()

    def hold() -> None:
        with connections["default"].cursor():
            held.append(True)
            let_go.wait(30)
        connections["default"].close()

    try:
        with running_worker():
            tasks.wait_at_gate.enqueue("first")
            tasks.stop_when_called_off.enqueue(by_returning=True)
            wait_until(lambda: len(tasks.seen) == 2, "both run")
            pool = connection.pool
            connection.close()
            holders = [threading.Thread(target=hold) for _ in range(pool.max_size)]
            for holder in holders:
                holder.start()
            wait_until(lambda: len(held) == pool.max_size, "every connection is held")
            tasks.gate.set()
            wait_until(lambda: pool.get_stats()["requests_waiting"], "the write waits")
            tasks.release.set()
            wait_until(lambda: len(heard) == 2, "the other outcome is told", timeout=5)
            assert pool.get_stats()["requests_waiting"], "while the write still waits"
            let_go.set()
            for holder in holders:
                holder.join()
            wait_until(lambda: since_ever().get("successful") == 2, "it is written")
    finally:
        let_go.set()
    assert heard[0].return_value == "first"


def rename(table: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {to}")


def test_old_minutes_are_deleted_and_the_sums_since_ever_stay(monkeypatch):
    now = clock.now("default")
    for days in (0, 1.9, 2.1, 3):
        Tally.objects.create(
            backend="default", queue="default", measure="failed", count=1, minute=now - timedelta(days=days)
        )
    Tally.objects.create(backend="other", queue="default", measure="failed", minute=now - timedelta(days=3))
    tallies.write("default", "default", [("default", "successful", 1)])
    assert tallies.prune("default", "default") == 2
    assert tallies.prune("default", "default") == 0
    assert since_ever() == {"successful": 1}
    assert Tally.objects.filter(measure="failed").count() == 3


def test_a_worker_deletes_old_minutes_beside_its_jobs(options):
    options(POLL_INTERVAL=0.1)
    old = clock.now("default") - timedelta(days=3)
    Tally.objects.create(backend="default", queue="default", measure="failed", minute=old)
    with running_worker() as worker:
        worker.worker.engine.ledger.maintenance._pruning_tallies.due_at = 0
        wait_until(lambda: not Tally.objects.exists(), "it is gone")
