"""What people do to jobs: run again, discard, cancel. Each returns what it really changed."""

import time
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from workers.exceptions import Cancelled, Discard
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.models.job import WAITING
from workers.outcome import Failure

PATIENCE = 0.5
PAUSE = 0.01
RUNS_AGAIN = (JobState.FAILED, JobState.DISCARDED, JobState.CANCELLED, JobState.SCHEDULED)


def run_again(database: str, ids: Iterable[UUID | str]) -> list[Job]:
    """Ended or SCHEDULED → READY, now. The attempts made stay counted; this grants one more."""
    with transaction.atomic(using=database):
        jobs = _not_locked(database, ids, RUNS_AGAIN)
        Job.objects.using(database).filter(id__in=[job.id for job in jobs]).update(
            state=JobState.READY,
            finished_at=None,
            run_after=Now(),
            claim_token=None,
            cancel_requested_by="",
            progress=None,
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


def request_cancel(database: str, ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Ask for the end of RUNNING jobs. Their tasks hear of it, and none of them goes on to another attempt.

    A row that is just being written, with its progress say, is waited for, PATIENCE seconds in all.
    """
    asked: dict[UUID, Job] = {}
    left: Collection[UUID | str] = list(ids)
    until = time.monotonic() + PATIENCE
    while True:
        with transaction.atomic(using=database):
            jobs = {job.id: job for job in _not_locked(database, left, [JobState.RUNNING])}
            Job.objects.using(database).filter(id__in=jobs).update(cancel_requested_by=by[:255])
        asked |= jobs
        running = Job.objects.using(database).filter(id__in=list(left), state=JobState.RUNNING)
        left = set(running.values_list("id", flat=True)) - asked.keys()
        if not left or time.monotonic() > until:
            return list(asked.values())
        time.sleep(PAUSE)


def cancel_requests(database: str, worker_id: str) -> dict[tuple[UUID, UUID | None], str]:
    """What this worker runs and somebody wants cancelled: (id, the claim's token) -> who."""
    held = Job.objects.using(database).filter(worker_id=worker_id, state=JobState.RUNNING)
    rows = held.exclude(cancel_requested_by="").values_list("id", "claim_token", "cancel_requested_by")
    return {(job_id, token): by for job_id, token, by in rows}


def _end(
    database: str, ids: Iterable[UUID | str], states: Collection[JobState], state: JobState, failure: Failure
) -> list[Job]:
    with transaction.atomic(using=database):
        jobs = _not_locked(database, ids, states)
        changed = Job.objects.using(database).filter(id__in=[job.id for job in jobs])
        changed.update(state=state, finished_at=Now(), claim_token=None)
        Attempt.objects.using(database).bulk_create(failure.by_a_person(job) for job in jobs)
        return list(changed.order_by("id"))


def _not_locked(database: str, ids: Iterable[UUID | str], states: Collection[JobState]) -> list[Job]:
    # Never waits for a lock: a job that a worker is just claiming is no longer ours to change.
    return list(
        Job.objects.using(database)
        .select_for_update(skip_locked=True)
        .filter(id__in=list(ids), state__in=states)
        .order_by("id")
    )
