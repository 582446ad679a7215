"""Finished jobs → nothing, once they are old enough."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from workers.conf import Options
from workers.models import Attempt, Job, JobState

BATCH = 1000


def prunable(database: str, backend: str, options: Options) -> "QuerySet[Job]":
    """Finished jobs past their keeping: KEEP_FAILED for failed ones, KEEP_FINISHED for the others."""
    old = Q(finished_at__lt=Now() - timedelta(seconds=options.keep_finished)) & ~Q(state=JobState.FAILED)
    old_failed = Q(finished_at__lt=Now() - timedelta(seconds=options.keep_failed), state=JobState.FAILED)
    return Job.objects.using(database).filter(old | old_failed, backend=backend)


def prune(database: str, backend: str, options: Options, limit: int = BATCH) -> int:
    """Delete up to ``limit`` of them, oldest first, with their attempts; how many there were."""
    with transaction.atomic(using=database, savepoint=False):
        rows = prunable(database, backend, options).select_for_update(skip_locked=True)
        ids = list(rows.order_by("finished_at").values_list("id", flat=True)[:limit])
        if ids:
            # Not through the ORM's collector, which would load what refers to them.
            attempts, jobs = Attempt.objects.using(database), Job.objects.using(database)
            attempts.filter(job_id__in=ids)._raw_delete(database)  # type: ignore[attr-defined]
            jobs.filter(id__in=ids)._raw_delete(database)  # type: ignore[attr-defined]
    return len(ids)
