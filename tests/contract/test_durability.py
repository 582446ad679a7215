"""Only what a crash of the database may forget, a claim, is committed without waiting for the disk."""

import pytest
from django.db import connection

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import enqueue_many
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

# Fires at the end of each transaction, and so sees what the whole of it was committed with.
WITNESS = """
CREATE TABLE witness (transaction xid8, before text, after text, synchronous text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO witness VALUES (pg_current_xact_id(), CASE TG_OP WHEN 'UPDATE' THEN OLD.state ELSE '' END, NEW.state,
        current_setting('synchronous_commit'));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER witness AFTER INSERT OR UPDATE ON workers_job DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION see();
"""


@pytest.fixture
def witness():
    """``witness()`` gives, for each transaction, its changes of state and the synchronous_commit it ended with."""
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    with connection.cursor() as cursor:
        cursor.execute(WITNESS)

        def transactions():
            cursor.execute("SELECT transaction::text, before, after, synchronous FROM witness")
            found = {}
            for transaction, before, after, synchronous in cursor.fetchall():
                found.setdefault(transaction, (set(), set()))
                found[transaction][0].add((before, after))
                found[transaction][1].add(synchronous)
            return list(found.values())

        yield transactions
        cursor.execute("DROP TRIGGER witness ON workers_job; DROP FUNCTION see; DROP TABLE witness")


def test_enqueues_and_outcomes_are_durable_and_only_turns_with_nothing_but_claims_are_not(witness, finished):
    with running_worker(concurrency=2):
        finished(tasks.echo.enqueue())
        enqueue_many(tasks.succeed_at, [((2,), {})] * 40)
        enqueue_many(tasks.fail, [((), {})] * 10)
        wait_until(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == 41, "the others end")
        wait_until(lambda: Job.objects.filter(state=JobState.FAILED).count() == 10, "the failing ones end")
    claims_alone = [settings for changes, settings in witness() if changes == {("READY", "RUNNING")}]
    others = [settings for changes, settings in witness() if changes != {("READY", "RUNNING")}]
    assert claims_alone
    assert all(settings == {"off"} for settings in claims_alone)
    assert len(others) > 3
    assert all(settings == {"on"} for settings in others), witness()
