"""The admin's pages read the table of jobs along its indexes, however much lies in it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.workers.operating import JOBS, WORKERS, a_worker, job_page
from workers.admin.board import board
from workers.models import Attempt, AttemptKind, Job, JobState

pytestmark = pytest.mark.django_db

BOARD = reverse("admin:workers_board")
KINDS = {
    JobState.SUCCESSFUL: {"finished_at": timezone.now()},
    JobState.SCHEDULED: {"run_after": timezone.now() + timedelta(days=365)},
    JobState.READY: {},
}


@pytest.fixture(autouse=True)
def _grown(monkeypatch):
    """Thousands of jobs, and bounds as small beside them as the real ones are beside millions."""
    if connection.vendor != "postgresql":
        pytest.skip("needs --database postgres")
    for bound, number in {
        "newest_first.LOOKED_THROUGH": 100,
        "newest_first.ATTEMPTS": 20,
        "newest_first.FEW": 20,
        "lately.READ": 20,
        "looking.CappedPaginator.cap": 100,
    }.items():
        monkeypatch.setattr(f"workers.admin.{bound}", number)
    for bound in ("workers.depths.CAP", "workers.unserved.CAP"):
        monkeypatch.setattr(bound, 100)
    board.forget()
    # Not of the queue that they are in, so that those that nobody serves are counted too.
    worker = a_worker(queues=["another"])
    for index, (state, fields) in enumerate(KINDS.items()):
        multiply(Job.objects.create(task="t", state=state, **fields), 4000, first=10_000 * index)
    failed = Job.objects.bulk_create(Job(task="t", state=JobState.FAILED, worker_id=worker.id) for _ in range(100))
    Attempt.objects.bulk_create(Attempt(job=job, kind=AttemptKind.FAILED, exception_class_path="x.Y") for job in failed)
    running = {"state": JobState.RUNNING, "worker_id": worker.id, "last_attempted_at": timezone.now()}
    Job.objects.bulk_create(Job(task="t", **running) for _ in range(4))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def multiply(job: Job, count: int, first: int) -> None:
    """Jobs like this one, older than all that are made today."""
    columns = ", ".join(str(field.column) for field in Job._meta.concrete_fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO workers_job (id, {columns})"  # noqa: S608
            f" SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, {columns}"
            " FROM workers_job, generate_series(%s, %s) AS number WHERE id = %s",
            [first, first + count - 1, job.id],
        )


def newest() -> Job:
    return Job.objects.latest("id")


PAGES = {
    "the board": lambda: BOARD,
    "the jobs": lambda: JOBS,
    "the workers": lambda: WORKERS,
    "a job": lambda: job_page(newest().id),
    "a job's id": lambda: f"{JOBS}?q={newest().id}",
    "a task's path": lambda: f"{JOBS}?q=no.such",
    "a queue": lambda: f"{JOBS}?queue=no-such",
    "a time": lambda: f"{JOBS}?enqueued_at__lt=2020-01-01T00:00:00Z",
    "another order": lambda: f"{JOBS}?o=3",
} | {f"a state: {state}": lambda state=state: f"{JOBS}?state__exact={state}" for state in JobState}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_no_page_reads_all_jobs(admin_client, page):
    url = page()
    with CaptureQueriesContext(connection) as queries:
        assert admin_client.get(url).status_code == 200
    asked = [query["sql"] for query in queries if "workers_job" in query["sql"] and query["sql"].startswith("SELECT")]
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on workers_job" not in plan, f"{sql}\n{plan}"
