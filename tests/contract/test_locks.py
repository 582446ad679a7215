"""Other people's row locks delay what they lock, and nothing else: neither the worker's heartbeat nor other jobs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import steering
from workers.connection import bounded_transaction, own_connection
from workers.lifecycle import claiming, ending
from workers.models import Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

FAST = {"HEARTBEAT_INTERVAL": 0.1, "POLL_INTERVAL": 0.1}


@pytest.fixture(autouse=True)
def _on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres: SQLite locks no rows")


@contextmanager
def locked(job_id: str) -> Iterator[threading.Event]:
    """Somebody else's transaction holds the job's row, until the event it gives is set or the block ends."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Job.objects.select_for_update().get(id=job_id)
                held.set()
                let_go.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    try:
        yield let_go
    finally:
        let_go.set()
        thread.join()


def test_a_locked_waiting_job_is_passed_over_and_runs_later(options, finished):
    options(**FAST)
    blocked = tasks.note.enqueue("locked")
    with locked(blocked.id) as let_go, running_worker():
        finished(tasks.note.enqueue("free"))
        assert tasks.seen == ["free"]
        let_go.set()
        finished(blocked)
    assert tasks.seen == ["free", "locked"]


def test_an_outcome_whose_row_is_locked_is_written_once_when_it_is_free(options, finished):
    options(**FAST)
    with running_worker() as worker:
        result = tasks.wait_at_gate.enqueue("locked")
        wait_until(lambda: tasks.seen == ["locked"], "it runs")
        with locked(result.id) as let_go:
            tasks.gate.set()
            # Longer than the worker waits for the lock, and so not by waiting for it.
            finished(tasks.note.enqueue("meanwhile"))
            let_go.set()
            finished(result)
        finished(tasks.note.enqueue("next"))
        assert WorkerProcess.objects.get().id == worker.id
    assert (tasks.seen, Job.objects.get(id=result.id).attempts) == (["locked", "meanwhile", "next"], 1)


def test_an_outcome_whose_row_is_locked_holds_up_no_other_job(options):
    options(**FAST)
    with running_worker():
        result = tasks.wait_at_gate.enqueue("locked")
        wait_until(lambda: tasks.seen == ["locked"], "it runs")
        with locked(result.id):
            tasks.gate.set()
            other = tasks.note.enqueue("other")
            wait_until(lambda: Job.objects.get(id=other.id).is_finished, "the other is recorded", timeout=7)


def test_a_worker_goes_on_beating_while_an_outcome_waits_for_a_lock(options, finished):
    options(**FAST)
    with running_worker():
        result = tasks.wait_at_gate.enqueue("locked")
        wait_until(lambda: tasks.seen == ["locked"], "it runs")
        with locked(result.id):
            tasks.gate.set()
            beat = WorkerProcess.objects.get().beat
            wait_until(lambda: WorkerProcess.objects.get().beat > beat + 3, "it beats", timeout=7)
        finished(result)


def test_to_cancel_never_waits_for_a_lock():
    waits, also_waits = tasks.note.enqueue(1), tasks.note.enqueue(2)
    with locked(waits.id), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        try:
            changed = steering.cancel([waits.id, also_waits.id], by="ann")
        finally:
            cursor.execute("RESET lock_timeout")
    assert [str(job.id) for job in changed] == [also_waits.id]
    assert Job.objects.get(id=waits.id).state == JobState.READY


def test_the_workers_own_connections_are_bounded_inside_their_transactions_and_leave_nothing_in_the_session(settings):
    names = ("transaction_isolation", "lock_timeout", "statement_timeout", "synchronous_commit")
    shown = {}

    def show(moment: str) -> None:
        with connections["default"].cursor() as cursor:
            shown[moment] = [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]

    def work() -> None:
        options = connections["default"].settings_dict["OPTIONS"]
        options["isolation_level"] = 4  # SERIALIZABLE, as a project may want it for its own code
        try:
            own_connection("default")
            show("before")
            with bounded_transaction("default", durable=False):
                show("inside")
            show("after")
        finally:
            del options["isolation_level"]
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert shown["inside"] == ["read committed", "2s", "10s", "off"]
    assert shown["before"] == shown["after"] == ["read committed", "0", "0", "on"]


def test_a_job_never_starts_before_it_was_enqueued_by_its_own_times():
    """A claim sees what was committed after it had come to the database, here because it waited for a table."""
    claimed: list[Job] = []
    prepared, locked = threading.Event(), threading.Event()

    def claim() -> None:
        try:
            # To prepare the claim would wait for the table too, and the claim itself would then come later.
            assert not claiming.claim("default", "default", {"default": 1}, "one")
            prepared.set()
            locked.wait(10)
            claimed.extend(claiming.claim("default", "default", {"default": 1}, "one"))
        finally:
            connections.close_all()

    thread = threading.Thread(target=claim)
    thread.start()
    assert prepared.wait(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE workers_job IN ACCESS EXCLUSIVE MODE")
        locked.set()
        waits = "SELECT 1 FROM pg_locks WHERE relation = 'workers_job'::regclass AND NOT granted"
        wait_until(lambda: cursor.execute(waits).fetchone(), "the claim waits for the table")
        tasks.note.enqueue("young")
    thread.join()
    (job,) = claimed
    assert job.enqueued_at <= job.started_at == job.last_attempted_at


def test_a_running_job_whose_row_is_just_being_written_is_called_off_all_the_same(monkeypatch):
    monkeypatch.setattr(ending, "PATIENCE", 20)
    result, looks = tasks.note.enqueue("x"), []
    claimed_by_somebody()
    with locked(result.id) as let_go:

        def let_go_at_the_third_look(execute, sql, *context):
            if "SKIP LOCKED" in sql:
                looks.append(sql)
            if len(looks) >= 3:
                let_go.set()
            return execute(sql, *context)

        with connection.execute_wrapper(let_go_at_the_third_look):
            assert [str(job.id) for job in steering.cancel([result.id], by="ann")] == [result.id]
    assert Job.objects.get().cancel_requested_by == "ann"


def test_a_running_job_whose_row_stays_locked_is_left_and_nobody_waits_for_it(monkeypatch):
    monkeypatch.setattr(ending, "PATIENCE", 0.05)
    locked_one, other = tasks.note.enqueue("locked"), tasks.note.enqueue("other")
    claimed_by_somebody()
    with locked(locked_one.id):
        assert [str(job.id) for job in steering.cancel([locked_one.id, other.id], by="ann")] == [other.id]


def claimed_by_somebody():
    claiming.claim("default", "default", {"default": 10}, "somebody")
