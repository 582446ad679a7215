"""RUNNING under a worker that is no more, or knows nothing of it → READY, SCHEDULED, FAILED or CANCELLED."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from workers.exceptions import Cancelled, WorkerLost
from workers.models import Attempt, AttemptKind, Job, JobState, WorkerProcess
from workers.outcome import Failure

BATCH = 100


def rescue_delay(rescues: int) -> float:
    """Seconds to wait after losing a worker for the ``rescues``-th time: none at first, then 10, 30, 90 … 600."""
    return 0 if rescues <= 1 else min(600.0, 10 * 3.0 ** (rescues - 2))


def bury(database: str, worker_id: str, beat: int) -> bool:
    """Remove a dead worker's row, unless its counter moved after all; what it held then belongs to nobody."""
    dead = WorkerProcess.objects.using(database).filter(id=worker_id, beat=beat)
    return bool(dead.delete()[0])


def rescue_orphans(database: str, backend: str, max_rescues: int) -> list[Job]:
    """Take up RUNNING jobs whose worker has no row (any more). Returns them as they now are.

    Each keeps an attempt "worker lost" and spends a rescue; with none left it ends FAILED, so that a job that kills
    its worker cannot do so for ever. Rows that somebody else is just writing are left for the next time.
    """
    with transaction.atomic(using=database, savepoint=False):
        alive = WorkerProcess.objects.using(database).filter(id=OuterRef("worker_id"))
        orphans = list(
            Job.objects.using(database)
            .select_for_update(skip_locked=True)
            .filter(~Exists(alive), backend=backend, state=JobState.RUNNING)
            .order_by("id")[:BATCH]
        )
        rescued = [job for job in orphans if _take_up(database, job, max_rescues)]
        ids = [job.id for job in rescued]
        return list(Job.objects.using(database).filter(id__in=ids).order_by("id"))


def _take_up(database: str, job: Job, max_rescues: int) -> bool:
    state, why = _after_loss(job, max_rescues)
    held = Job.objects.using(database).filter(id=job.id, state=JobState.RUNNING, claim_token=job.claim_token)
    taken = held.update(
        state=state,
        # Not ours: the dead worker must not find its token when it reads an outcome back.
        claim_token=None,
        rescues=F("rescues") + 1,
        run_after=F("run_after") if state.is_finished else Now() + timedelta(seconds=rescue_delay(job.rescues + 1)),
        finished_at=Now() if state.is_finished else None,
    )
    if taken:
        loss = WorkerLost(f"worker {job.worker_id} was lost while it held this job{why}")
        Failure.of(loss, AttemptKind.WORKER_LOST).as_attempt(job).save(using=database)
    return bool(taken)


def _after_loss(job: Job, max_rescues: int) -> tuple[JobState, str]:
    """The state of a job that lost its worker, and what there is to add for people."""
    if job.cancel_requested_by:
        return JobState.CANCELLED, f"; cancelled by {job.cancel_requested_by}"
    if job.rescues >= max_rescues:
        return JobState.FAILED, f"; it was rescued {job.rescues} times before, the most that MAX_RESCUES allows"
    return (JobState.SCHEDULED if rescue_delay(job.rescues + 1) else JobState.READY), ""


def release(
    database: str, worker_id: str, *, keep: Collection[UUID] = (), keep_jobs: Collection[UUID] = ()
) -> list[Job]:
    """Give back, unburnt, what this worker holds by the row but not in fact: claims whose answer was lost, or, of a
    dead worker, jobs that it never began. Those that somebody called off meanwhile end CANCELLED. Returns them as they
    now are.

    ``keep`` are the tokens it does hold, ``keep_jobs`` the ids of jobs.
    """
    with transaction.atomic(using=database):
        held = Job.objects.using(database).filter(worker_id=worker_id, state=JobState.RUNNING)
        held = held.exclude(claim_token__in=keep).exclude(id__in=keep_jobs)
        lost = list(held.select_for_update(skip_locked=True).order_by("id"))
        rows = Job.objects.using(database).filter(id__in=[job.id for job in lost])
        rows.filter(cancel_requested_by="").update(state=JobState.READY, claim_token=None)
        called_off = rows.exclude(cancel_requested_by="")
        called_off.update(state=JobState.CANCELLED, finished_at=Now(), claim_token=None)
        Attempt.objects.using(database).bulk_create(_cancellation(job) for job in called_off)
        return list(rows.order_by("id"))


def _cancellation(job: Job) -> Attempt:
    error = Cancelled(f"cancelled by {job.cancel_requested_by}")
    return Failure.of(error, AttemptKind.CANCELLED).by_a_person(job)
