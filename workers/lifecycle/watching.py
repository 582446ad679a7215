"""Somebody waits for a job: what happens to it is told from now on. Changes no state."""

from uuid import UUID

from workers.models import Job
from workers.models.job import FINISHED


def watch(database: str, job_id: UUID | str) -> bool:
    """Mark the job as watched. False: it has ended, or is gone, and nothing more will be told of it.

    Whoever records its outcome reads the mark in the same statement, so one of the two sees the other.
    """
    unfinished = Job.objects.using(database).filter(id=job_id).exclude(state__in=FINISHED)
    return bool(unfinished.update(watched=True))
