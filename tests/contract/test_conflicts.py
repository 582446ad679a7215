"""A deadlock or a serialization failure undoes the ledger's transaction: it is tried again, and nothing twice."""

import pytest
from django.db import connection, transaction

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

WAITS = "SELECT 1 FROM pg_locks WHERE relation = 'workers_attempt'::regclass AND NOT granted"

# A sequence is not rolled back, so this raises once.
REFUSAL = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('refusals') = 1 THEN RAISE EXCEPTION 'refused for once' USING ERRCODE = '{sqlstate}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON workers_job FOR EACH ROW WHEN (NEW.state = '{state}') EXECUTE FUNCTION refuse();
"""


@pytest.fixture(autouse=True)
def _on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres: SQLite has one writer at a time")


@pytest.fixture
def refuse():
    """``refuse(sqlstate, state)``: the next transaction that brings a job into this state fails so."""

    def install(sqlstate: str, state: JobState) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REFUSAL.format(sqlstate=sqlstate, state=state))

    yield install
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON workers_job; DROP FUNCTION refuse; DROP SEQUENCE refusals")


def counts() -> set[tuple[int, ...]]:
    return set(Job.objects.values_list("attempts", "rescues", "interruptions", "snoozes"))


def test_a_deadlock_is_the_end_of_no_worker_and_of_no_outcome(finished, caplog):
    with running_worker(concurrency=2) as worker:
        failing = tasks.raise_behind_the_gate.enqueue("fails")
        wait_until(lambda: tasks.seen == ["fails"], "it runs")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE workers_attempt IN SHARE MODE")
            tasks.gate.set()
            # The ledger has written the job's row, and now wants to write why the attempt failed.
            wait_until(lambda: cursor.execute(WAITS).fetchone(), "the ledger waits for the table")
            cursor.execute("SELECT 1 FROM workers_job WHERE id = %s FOR UPDATE", [failing.id])
        finished(failing)
        assert "deadlock detected" in caplog.text
        finished(tasks.note.enqueue("next"))
        assert WorkerProcess.objects.get().id == worker.id
    assert tasks.seen == ["fails"] * 3 + ["next"]
    assert (failing.state, failing.attempts, Attempt.objects.count()) == (JobState.FAILED, 3, 3)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.SUCCESSFUL], ids=["claim", "outcome"])
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"], ids=["serialization failure", "deadlock"])
def test_what_the_database_undid_is_done_again_once(refuse, finished, caplog, options, sqlstate, state):
    options(POLL_INTERVAL=0.3)
    with running_worker(concurrency=2) as worker:
        refuse(sqlstate, state)
        results = [tasks.note.enqueue(number) for number in range(5)]
        for result in results:
            finished(result)
        assert "refused for once" in caplog.text
        assert WorkerProcess.objects.get().id == worker.id
    assert sorted(tasks.seen) == list(range(5))
    assert counts() == {(1, 0, 0, 0)}
    assert "lost its lease" not in caplog.text
