"""Nothing → READY or SCHEDULED."""

from workers.models import Job, JobState


def insert(job: Job, database: str) -> None:
    """One INSERT on the caller's connection, so in the caller's transaction.

    Without a run_after the job is READY and no clock is read. With one it is SCHEDULED, even when that moment has
    passed: a worker promotes it by the database's clock.
    """
    if job.requested_run_after is None:
        job.state = JobState.READY
    else:
        job.state = JobState.SCHEDULED
        job.run_after = job.requested_run_after
    job.save(using=database, force_insert=True)
