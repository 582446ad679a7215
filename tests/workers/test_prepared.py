"""A worker's own connection plans the claim once, by its index whatever the table's size, and behind a pooler not at
all: of that tests/processes/test_pgbouncer.py."""

from uuid import uuid4

import pytest
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests import tasks
from workers.connection import own_connection
from workers.lifecycle import claiming
from workers.lifecycle.prepared import STEADY, fetch_prepared
from workers.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _ledgers_connection():
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    of_the_test = connections["default"]
    own_connection("default")
    yield
    connection.close()
    connections["default"] = of_the_test


def claim(**rooms):
    return [str(job.id) for job in claiming.claim("default", "default", rooms or {"default": 1}, "one")]


def prepared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY prepare_time")
        return [name for (name,) in cursor.fetchall()]


def plan_of(name, *values):
    with connection.cursor() as cursor:
        cursor.execute(f"{STEADY}; EXPLAIN EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)
        while cursor.nextset():
            pass
        return "\n".join(line for (line,) in cursor.fetchall())


def test_each_shape_of_the_claim_is_prepared_once():
    jobs = [tasks.note.enqueue(number).id for number in range(6)]
    assert [claim() for _ in jobs] == [[job] for job in jobs]
    assert claim(default=1, mail=1) == claim(mail=3, default=2) == []
    assert [name.rpartition("_")[0] for name in prepared()] == ["workers_claim"] * 2


def test_a_new_connection_prepares_anew():
    claim()
    connection.close()
    job = tasks.note.enqueue("later")
    assert claim() == [job.id]
    assert len(prepared()) == 1


def test_the_plan_made_for_an_empty_table_goes_by_the_indexes():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE workers_job CASCADE; ANALYZE workers_job")
    assert claim() == []
    plan = plan_of(*prepared(), "default", 1, "default", "default", "one", str(uuid4()))
    assert "using workers_job_claim" in plan, plan
    assert "Seq Scan on workers_job" not in plan, plan
    assert "Sort" not in plan, plan


def test_when_the_next_job_is_due_is_read_from_its_index():
    assert claiming.seconds_until_next_due("default", "default") is None
    plan = plan_of(*prepared(), "default")
    assert "workers_job_due" in plan, plan


def test_a_statement_that_is_gone_is_planned_each_time():
    first, second = tasks.note.enqueue("first"), tasks.note.enqueue("second")
    assert claim() == [first.id]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert claim() == [second.id]
    assert claim() == []
    assert prepared() == []


def test_a_session_of_another_that_a_pooler_lends_is_left_as_it_is():
    claim()
    [name] = prepared()
    connection.close()
    job = tasks.note.enqueue("lent")
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE {name} AS SELECT 'of another'")
    assert claim() == [job.id]
    assert prepared() == [name]


def test_other_errors_are_raised_and_change_nothing():
    sql = "SELECT to_jsonb(1 / %s::int)"
    assert fetch_prepared("default", "divide", sql, [1]) == [1]
    with pytest.raises(DatabaseError, match="division by zero"):
        fetch_prepared("default", "divide", sql, [0])
    assert fetch_prepared("default", "divide", sql, [1]) == [1]
    assert len(prepared()) == 1


def test_a_statement_that_cannot_be_prepared_says_why():
    with pytest.raises(DatabaseError, match="no_such_table"):
        fetch_prepared("default", "nothing", "SELECT to_jsonb(id) FROM no_such_table WHERE id = %s", [1])
    assert prepared() == []


def test_what_it_sets_ends_with_the_statement():
    claim()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE source = 'session' AND name ~ '^(enable|plan|sync)|timeout$'"
        )
        assert cursor.fetchall() == []


def test_a_claim_goes_past_djangos_cursor():
    claim()
    job = tasks.note.enqueue("alone")
    with CaptureQueriesContext(connection) as queries:
        assert claim() == [job.id]
    assert len(queries) == 0
    assert Job.objects.get(id=job.id).worker_id == "one"
