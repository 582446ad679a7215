"""The workers themselves delete what is past its keeping, in batches, beside their jobs."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.lifecycle import pruning
from workers.models import Attempt, Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

DAY = 86400


def ended(state: JobState, days: float, count: int = 1) -> list[Job]:
    jobs = Job.objects.bulk_create(Job(task="tests.tasks.echo", state=state) for _ in range(count))
    Job.objects.filter(id__in=[job.id for job in jobs]).update(finished_at=Now() - timedelta(days=days))
    Attempt.objects.bulk_create(Attempt(job_id=job.id, exception_class_path="x.Y") for job in jobs)
    return jobs


def hasten(worker) -> None:
    """Its first pruning comes a minute after its start."""
    maintenance = worker.worker.engine.ledger.maintenance
    [chore] = [each for each in maintenance._chores if each.run_once == maintenance.prune]
    chore.due_at = 0


def test_a_worker_deletes_batch_after_batch_what_is_too_old_and_goes_on_working(options, finished):
    options(POLL_INTERVAL=0.1, KEEP_FINISHED=1 * DAY, KEEP_FAILED=3 * DAY)
    ended(JobState.SUCCESSFUL, 2, count=pruning.BATCH + 5)
    ended(JobState.FAILED, 4)
    kept = [*ended(JobState.SUCCESSFUL, 0.9), *ended(JobState.FAILED, 2), *ended(JobState.CANCELLED, 0.5)]
    kept.append(Job.objects.create(task="gone.away", state=JobState.SCHEDULED, run_after="2999-01-01T00:00Z"))
    with running_worker() as worker:
        hasten(worker)
        wait_until(lambda: Job.objects.count() == len(kept), lambda: f"{Job.objects.count()} are left")
        finished(tasks.note.enqueue("works"))
    assert set(Job.objects.exclude(task="tests.tasks.note")) == set(kept)
    assert Attempt.objects.count() == 3, "attempts go with their jobs, and stay with those that stay"


def test_nothing_is_deleted_before_its_time_by_default(finished):
    kept = [*ended(JobState.SUCCESSFUL, 6.9), *ended(JobState.FAILED, 29.9)]
    ended(JobState.SUCCESSFUL, 7.1)
    ended(JobState.FAILED, 30.1)
    with running_worker() as worker:
        hasten(worker)
        wait_until(lambda: Job.objects.count() == len(kept), lambda: f"{Job.objects.count()} are left")
    assert set(Job.objects.all()) == set(kept)
