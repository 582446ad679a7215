"""The claim reads its index and nothing else, however much has finished or lies in the future."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from workers.lifecycle import claiming
from workers.lifecycle.prepared import STEADY, numbered
from workers.models import Job, JobState, QueuePause

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _grown():
    """Thousands of finished, far-future and ready jobs on two queues, and PostgreSQL knows of it."""
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    future, past = timezone.now() + timedelta(days=365), timezone.now() - timedelta(hours=1)
    for state, fields in {
        JobState.SUCCESSFUL: {"finished_at": past},
        JobState.SCHEDULED: {"run_after": future},
        JobState.READY: {},
    }.items():
        Job.objects.bulk_create(Job(task="t", queue=queue, state=state, **fields) for queue in ("mail", "pictures"))
    others = ", ".join(field.column for field in Job._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        copies = f"SELECT gen_random_uuid(), {others} FROM workers_job, generate_series(2, 2000)"  # noqa: S608
        cursor.execute(f"INSERT INTO workers_job (id, {others}) {copies}")
        cursor.execute("ANALYZE workers_job")


def plan_of(sql, values, explain="EXPLAIN"):
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def claim_of(*queues, explain="EXPLAIN"):
    wants = [part for queue in queues for part in (queue, 10)]
    sql = claiming.claim_statement(len(queues), rescued=False)
    return plan_of(sql, [*wants, "default", "default", "one", uuid4()], explain)


@pytest.mark.parametrize("queues", [["mail"], ["mail", "pictures"]])
def test_the_claim_walks_its_index(queues):
    plan = claim_of(*queues)
    assert "using workers_job_claim" in plan, plan
    assert "Seq Scan on workers_job" not in plan, plan
    assert "Sort" not in plan, f"it takes the first of the index, in its order:\n{plan}"


@pytest.mark.parametrize("queues", [["mail"], ["mail", "pictures"]])
def test_the_plan_that_a_worker_keeps_walks_it_too(queues):
    with connection.cursor() as cursor:
        cursor.execute(STEADY)
    sql = claiming.claim_statement(len(queues), rescued=False, columns=claiming.DOCUMENT)
    plan = plan_of(numbered(sql, 2 * len(queues) + 4), None, explain="EXPLAIN (GENERIC_PLAN)")
    assert "using workers_job_claim" in plan, plan
    assert "Seq Scan on workers_job" not in plan, plan
    assert "Sort" not in plan, plan


def test_the_few_that_wait_after_a_rescue_are_found_without_reading_the_others():
    with CaptureQueriesContext(connection) as queries:
        assert not claiming.rescued_job_waits("default", "default", ["mail", "pictures"])
    plan = plan_of(queries[0]["sql"], None)
    assert "workers_job_held" in plan, plan
    assert "Seq Scan on workers_job" not in plan, plan


def test_how_many_wait_is_counted_along_the_claims_index_and_no_further_than_asked():
    with CaptureQueriesContext(connection) as queries:
        assert claiming.count_ready("default", "default", ["mail", "pictures"], 50) == 50
    assert len(queries) == 1
    plan = plan_of(queries[0]["sql"], None, explain="EXPLAIN (ANALYZE, TIMING OFF)")
    assert re.search(r"using workers_job_claim on workers_job .*actual rows=50\S* loops=1\)", plan), plan


def test_which_queues_are_paused_is_looked_up_once_and_their_jobs_are_not_read():
    QueuePause.objects.create(backend="default", queue="pictures")
    plan = claim_of("mail", "pictures", explain="EXPLAIN (ANALYZE, TIMING OFF)")
    assert re.search(r"on workers_queuepause.*loops=1\)", plan), plan
    assert re.search(r"using workers_job_claim on workers_job .*actual rows=10\S* loops=1\)", plan), plan
    assert Job.objects.filter(state=JobState.RUNNING, queue="mail").count() == 10
    assert not Job.objects.filter(state=JobState.RUNNING, queue="pictures").exists()
