"""However many jobs there are, a depth is read from an index, and of that no more than is shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from workers import depths
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _grown():
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    future, past = timezone.now() + timedelta(days=365), timezone.now() - timedelta(hours=1)
    for queue in ("mail", "pictures"):
        multiply(6000, queue=queue, state=JobState.SUCCESSFUL, finished_at=past)
        multiply(2000, queue=queue, state=JobState.SCHEDULED, run_after=future)
        multiply(2000, queue=queue, state=JobState.READY)
        multiply(8, queue=queue, state=JobState.RUNNING, worker_id="w")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workers_job")


def multiply(count, **fields):
    """So many such jobs, made by the database itself."""
    made = Job.objects.create(task="t", **fields)
    columns = ", ".join(field.column for field in Job._meta.concrete_fields if not field.primary_key)
    copy = f"INSERT INTO workers_job (id, {columns}) SELECT gen_random_uuid(), {columns} FROM workers_job"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{copy}, generate_series(2, %s) WHERE id = %s", [count, made.id])


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (depths.ready, "workers_job_claim"),
        (depths.scheduled, "workers_job_due"),
        (depths.running, "workers_job_held"),
    ],
)
def test_every_statement_walks_an_index(read, index):
    with connection.cursor() as cursor:
        # At this size reading the whole table may be cheaper by a hair; asked is whether the index can answer.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    with CaptureQueriesContext(connection) as queries:
        assert set(read("default", "default")) == {"mail", "pictures"}
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert index in plan, plan
        assert "Seq Scan on workers_job" not in plan, plan
        assert "Sort" not in plan, plan


def test_what_is_counted_is_bounded(monkeypatch):
    monkeypatch.setattr(depths, "CAP", 10)
    with CaptureQueriesContext(connection) as queries:
        assert {str(waiting.count) for waiting in depths.ready("default", "default").values()} == {"10+"}
        assert all(waiting.count.capped for waiting in depths.scheduled("default", "default").values())
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        rows = [float(part.split()[0]) for part in plan.split("actual rows=")[1:]]
        assert max(rows) <= depths.CAP + 1, plan
