"""Retry, discard and cancel, from the admin or from code: the change, and then the news of it after the commit."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import router, transaction

from workers.lifecycle import ending
from workers.models import Job
from workers.notifier import notifier
from workers.publishing import publish_ended


def retry(ids: Iterable[UUID | str]) -> list[Job]:
    """Run failed, discarded, cancelled or scheduled jobs now; returns those that were such."""
    database = router.db_for_write(Job)
    with transaction.atomic(using=database):
        jobs = ending.run_again(database, ids)
        for job in {job.queue: job for job in jobs}.values():
            transaction.on_commit(partial(notifier.notify, job.queue, job.id), using=database, robust=True)
    return jobs


def discard(ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Give up waiting or failed jobs; returns those that were such."""
    database = router.db_for_write(Job)
    with transaction.atomic(using=database):
        jobs = ending.discard(database, ids, by)
        transaction.on_commit(partial(publish_ended, jobs), using=database, robust=True)
    return jobs


def cancel(ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Call off jobs that have not started; returns those that had not."""
    database = router.db_for_write(Job)
    with transaction.atomic(using=database):
        jobs = ending.cancel(database, ids, by)
        transaction.on_commit(partial(publish_ended, jobs), using=database, robust=True)
    return jobs
