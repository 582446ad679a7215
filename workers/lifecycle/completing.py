"""RUNNING → SUCCESSFUL, or still RUNNING and further on, from inside the task. Fenced like every other outcome."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from workers.models import Job, JobState


def complete(database: str, job: Job, value: Any) -> bool:
    """Finish the job in the caller's transaction, and so exactly as durably as what else is in it. Locks its row.

    False: the lease was lost.
    """
    return bool(
        _held(database, job).update(
            state=JobState.SUCCESSFUL, return_value=value, finished_at=Now(), attempts=F("attempts") + 1
        )
    )


def completed_at(database: str, job: Job) -> datetime | None:
    """When ``complete`` finished it under this very claim; None: it did not, or was rolled back."""
    done = Job.objects.using(database).filter(id=job.id, state=JobState.SUCCESSFUL, claim_token=job.claim_token)
    finished_at, watched = done.values_list("finished_at", "watched").first() or (None, False)
    job.watched = job.watched or watched
    return finished_at


def report(database: str, job: Job, progress: dict[str, Any]) -> str | None:
    """Write the progress of a running job; who wants it cancelled, "" for nobody. None: the lease was lost."""
    if not _held(database, job).update(progress=progress):
        return None
    by, watched = _held(database, job).values_list("cancel_requested_by", "watched").first() or (None, False)
    job.watched = job.watched or watched
    return by


def _held(database: str, job: Job) -> Any:
    return Job.objects.using(database).filter(id=job.id, state=JobState.RUNNING, claim_token=job.claim_token)
