"""A session that keeps PostgreSQL from cleaning up is found, named and told once."""

import psycopg
import pytest
from django.db import connection

from workers import snapshots
from workers.assignment import Assignment
from workers.conf import Options
from workers.maintenance import Maintenance
from workers.snapshots import Snapshot, SnapshotWatch

HIDDEN = Snapshot(pid=7, horizon="100", age=None, user="ann", application="", state=None)


@pytest.fixture
def held(transactional_db):
    """A session that has looked once, and sees the database as it was then until it ends."""
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    with psycopg.connect(**connection.get_connection_params(), application_name="a report") as session:
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        session.execute("SELECT 1")
        yield session


def test_the_session_with_the_oldest_snapshot_is_found(held):
    found = snapshots.oldest("default")
    assert (found.pid, found.user) == (held.info.backend_pid, held.info.user)
    assert (found.application, found.state) == ("a report", "idle in transaction")
    assert 0 <= found.age < 60


def test_one_that_only_wrote_is_found_too(held):
    held.rollback()
    held.execute("CREATE TEMPORARY TABLE own (id int)")
    assert snapshots.oldest("default").pid == held.info.backend_pid


def test_nobody_is_found_when_nobody_holds_any(held):
    held.rollback()
    assert snapshots.oldest("default") is None


def test_without_rights_its_pid_is_found_and_its_age_and_state_are_unknown(held):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE stranger")
        try:
            cursor.execute("SET ROLE stranger")
            found = snapshots.oldest("default")
        finally:
            cursor.execute("RESET ROLE; DROP ROLE stranger")
    assert (found.pid, found.application) == (held.info.backend_pid, "a report")
    assert (found.age, found.state) == (None, None)


def test_a_worker_tells_it_once_and_the_next_one_again(held, caplog):
    maintenance = Maintenance(Assignment("default", "default", {"default": None}, 1, Options()), lambda jobs: None)
    maintenance.snapshot_watch = SnapshotWatch(bound=0)
    for _ in range(3):
        maintenance.warn_of_an_old_snapshot()
    [told] = caplog.messages
    assert f"PostgreSQL session {held.info.backend_pid} (a report, " in told
    held.rollback()
    maintenance.warn_of_an_old_snapshot()
    held.execute("SELECT txid_current()")
    maintenance.warn_of_an_old_snapshot()
    assert len(caplog.messages) == 2


def test_it_is_told_beyond_the_bound_only():
    watch = SnapshotWatch(bound=300)
    young, old = (Snapshot(7, "100", age, "ann", "", "active") for age in (299.9, 300))
    assert [bool(watch.observe(each, now=0)) for each in (young, old, old, None, old)] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_a_hidden_age_counts_from_when_the_snapshot_was_first_seen():
    watch = SnapshotWatch(bound=300)
    assert [bool(watch.observe(HIDDEN, now)) for now in (1000, 1299, 1300, 1360)] == [False, False, True, False]


def test_a_session_that_goes_on_to_new_snapshots_is_no_trouble():
    watch = SnapshotWatch(bound=300)
    assert not any(watch.observe(Snapshot(7, str(now), None, "ann", "", None), now) for now in range(0, 3600, 60))


@pytest.mark.parametrize(
    ("snapshot", "told", "untold"),
    [
        (Snapshot(7, "1", 400, "ann", "psql", "active"), "session 7 (psql, user ann, active) has held", "pg_read_all"),
        (HIDDEN, "GRANT pg_read_all_stats TO", "None"),
        (HIDDEN, "for 7 min.", "active"),
        (HIDDEN, "SELECT pg_terminate_backend(7)", ", )"),
    ],
)
def test_the_sentence_names_the_session_and_the_cure(snapshot, told, untold):
    sentence = snapshots.complaint(snapshot, age=400)
    assert told in sentence
    assert untold not in sentence
