"""What people do to jobs that are not running: run again, discard, cancel. Each returns what it really changed."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from workers.exceptions import Cancelled, Discard
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.models.job import WAITING
from workers.outcome import Failure

RUNS_AGAIN = (JobState.FAILED, JobState.DISCARDED, JobState.CANCELLED, JobState.SCHEDULED)


def run_again(database: str, ids: Iterable[UUID | str]) -> list[Job]:
    """Ended or SCHEDULED → READY, now. The attempts made stay counted; this grants one more."""
    with transaction.atomic(using=database):
        jobs = _not_running(database, ids, RUNS_AGAIN)
        Job.objects.using(database).filter(id__in=[job.id for job in jobs]).update(
            state=JobState.READY, finished_at=None, run_after=Now(), claim_token=None
        )
    return jobs


def discard(database: str, ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Waiting or FAILED → DISCARDED for good; ``by`` says who did it."""
    failure = Failure.of(Discard(f"discarded by {by}"), AttemptKind.DISCARDED)
    return _end(database, ids, (*WAITING, JobState.FAILED), JobState.DISCARDED, failure)


def cancel(database: str, ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Waiting → CANCELLED; ``by`` says who did it."""
    failure = Failure.of(Cancelled(f"cancelled by {by}"), AttemptKind.CANCELLED)
    return _end(database, ids, WAITING, JobState.CANCELLED, failure)


def _end(
    database: str, ids: Iterable[UUID | str], states: Collection[JobState], state: JobState, failure: Failure
) -> list[Job]:
    with transaction.atomic(using=database):
        jobs = _not_running(database, ids, states)
        changed = Job.objects.using(database).filter(id__in=[job.id for job in jobs])
        changed.update(state=state, finished_at=Now(), claim_token=None)
        Attempt.objects.using(database).bulk_create(failure.by_a_person(job) for job in jobs)
        return list(changed)


def _not_running(database: str, ids: Iterable[UUID | str], states: Collection[JobState]) -> list[Job]:
    # Never waits for a lock: a job that a worker is just claiming is no longer ours to change.
    return list(
        Job.objects.using(database)
        .select_for_update(skip_locked=True)
        .filter(id__in=list(ids), state__in=states)
        .order_by("id")
    )
