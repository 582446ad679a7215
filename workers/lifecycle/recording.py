"""RUNNING → what became of it. Fenced: a write counts only while the row still carries the claim's own token."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DataError, connections, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from workers import outcome as outcomes
from workers.exceptions import Cancelled, ResultRefused
from workers.lifecycle.wire import fetch_binary
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.models.job import FINISHED
from workers.outcome import Failure, Outcome

DATA_ERRORS = (DataError, ValueError, TypeError, OverflowError)
"""What a value raises that the database, or the driver on the way there, refuses."""

Confirmed = dict[UUID, datetime | None]
"""Ids of the jobs whose outcome was written -> when they finished, or None when they go on."""

# An expression for the state, so that each row is found by its id: without fresh statistics the planner would take the
# index of the held jobs, in which the dead entries of all that have run pile up until the next vacuum.
RECORD = """
UPDATE workers_job AS job
SET state = CASE WHEN done.goes_on AND job.cancel_requested_by <> '' THEN 'CANCELLED' ELSE done.state END,
    return_value = done.return_value::jsonb,
    run_after = CASE WHEN done.goes_on THEN statement_timestamp() + done.delay * interval '1 second'
                     ELSE job.run_after END,
    finished_at = CASE WHEN done.goes_on AND job.cancel_requested_by = '' THEN NULL ELSE statement_timestamp() END,
    attempts = job.attempts + done.attempts,
    snoozes = job.snoozes + done.snoozes,
    interruptions = job.interruptions + done.interruptions
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::boolean[], %s::float8[], %s::text[], %s::int[], %s::int[],
            %s::int[]) AS done (id, token, state, goes_on, delay, return_value, attempts, snoozes, interruptions)
WHERE job.id = done.id AND job.state || '' = 'RUNNING' AND job.claim_token = done.token
RETURNING job.id, job.finished_at, job.watched
"""


def record(database: str, batch: Sequence[Outcome]) -> Confirmed:
    """Write a batch in one transaction. An outcome that is not confirmed lost its lease: nothing was written for it.

    A job that was to go on, but was called off meanwhile, ends CANCELLED instead.
    Raises one of DATA_ERRORS when the database refuses a value; ``record_split`` then finds the culprit.
    """
    if not batch:
        return {}
    written: Confirmed = {each.job.id: each.completed_at for each in batch if each.completed_at}
    batch = [each for each in batch if not each.completed_at]
    if not batch:
        return written
    with transaction.atomic(using=database, savepoint=False):
        if connections[database].vendor == "postgresql":
            confirmed = _update_together(database, batch)
        else:
            confirmed = _update_one_by_one(database, batch)
        attempts = [each.failure.as_attempt(each.job) for each in batch if each.failure and each.job.id in confirmed]
        called_off = [each.job for each in batch if each.state not in FINISHED and confirmed.get(each.job.id)]
        if attempts or called_off:
            Attempt.objects.using(database).bulk_create([*attempts, *_cancellations(database, called_off)])
    return written | confirmed


def _cancellations(database: str, jobs: Sequence[Job]) -> list[Attempt]:
    """Who called off the jobs that would have gone on."""
    rows = Job.objects.using(database).filter(id__in=[job.id for job in jobs])
    by = dict(rows.values_list("id", "cancel_requested_by"))
    return [Failure.of(Cancelled(f"cancelled by {by[job.id]}"), AttemptKind.CANCELLED).by_a_person(job) for job in jobs]


def record_split(database: str, batch: Sequence[Outcome]) -> Confirmed:
    """Like ``record``, but an outcome whose data the database refuses ends FAILED and takes no neighbour along."""
    try:
        with transaction.atomic(using=database):
            return record(database, batch)
    except DATA_ERRORS as error:
        if len(batch) == 1:
            return record(database, [_refused(batch[0], error)])
        middle = len(batch) // 2
        return record_split(database, batch[:middle]) | record_split(database, batch[middle:])


def record_unlocked(database: str, batch: Sequence[Outcome]) -> tuple[Confirmed, set[UUID]]:
    """Like ``record_split``, but waits for nobody: second, the jobs whose rows somebody else has locked."""
    rows = Job.objects.using(database).filter(id__in=[each.job.id for each in batch], state=JobState.RUNNING)
    with transaction.atomic(using=database, savepoint=False):
        free = set(rows.select_for_update(skip_locked=True).values_list("id", flat=True))
        confirmed = record_split(database, [each for each in batch if each.job.id in free or each.completed_at])
        # Read without a lock, so also where it is locked: is it still ours?
        tokens = dict(rows.exclude(id__in=free).values_list("id", "claim_token"))
    locked = {each.job.id for each in batch if each.job.id in tokens and tokens[each.job.id] == each.job.claim_token}
    return confirmed, locked - confirmed.keys()


def read_back(database: str, batch: Iterable[Outcome]) -> Confirmed:
    """Which of these outcomes, sent before the connection broke, had been committed after all?

    The token stays on the row until the next claim, and a rescue clears it: a row that has our token and is no
    longer RUNNING was written by us.
    """
    batch = list(batch)
    tokens = {each.job.id: each.job.claim_token for each in batch}
    rows = Job.objects.using(database).filter(id__in=tokens).exclude(state=JobState.RUNNING)
    found = rows.values_list("id", "finished_at", "watched", "claim_token")
    return _confirmed(batch, [row[:3] for row in found if row[3] == tokens[row[0]]])


def _update_together(database: str, batch: Sequence[Outcome]) -> Confirmed:
    columns = zip(
        *(
            (
                each.job.id,
                each.job.claim_token,
                each.state.value,
                each.state not in FINISHED,
                each.delay,
                json.dumps(each.return_value) if each.state is JobState.SUCCESSFUL else None,
                each.attempts,
                each.snoozes,
                each.interruptions,
            )
            for each in batch
        ),
        strict=True,
    )
    return _confirmed(batch, fetch_binary(database, RECORD, [list(column) for column in columns]))


def _confirmed(batch: Iterable[Outcome], rows: Iterable[tuple[UUID, datetime | None, bool]]) -> Confirmed:
    """When each job finished, by rows of id, finished_at and watched; the mark is noted on the job."""
    rows = list(rows)
    if watched := {job_id for job_id, _, is_watched in rows if is_watched}:
        for each in batch:
            each.job.watched = each.job.watched or each.job.id in watched
    return {job_id: finished_at for job_id, finished_at, _ in rows}


def _update_one_by_one(database: str, batch: Sequence[Outcome]) -> Confirmed:
    written = []
    for each in batch:
        goes_on = each.state not in FINISHED
        held = Job.objects.using(database).filter(
            id=each.job.id, state=JobState.RUNNING, claim_token=each.job.claim_token
        )
        if held.update(
            state=_unless_called_off(each.state) if goes_on else each.state,
            return_value=each.return_value,
            run_after=Now() + timedelta(seconds=each.delay) if goes_on else F("run_after"),
            finished_at=Case(When(cancel_requested_by="", then=None), default=Now()) if goes_on else Now(),
            attempts=F("attempts") + each.attempts,
            snoozes=F("snoozes") + each.snoozes,
            interruptions=F("interruptions") + each.interruptions,
        ):
            written.append(each.job.id)
    rows = Job.objects.using(database).filter(id__in=written)
    return _confirmed(batch, rows.values_list("id", "finished_at", "watched"))


def _unless_called_off(state: JobState) -> Case:
    return Case(When(cancel_requested_by="", then=Value(state)), default=Value(JobState.CANCELLED))


def _refused(refused: Outcome, error: Exception) -> Outcome:
    reason = ResultRefused(
        f"the database refused what the task left ({type(error).__name__}); store it and return an id"
    )
    return outcomes.failed(refused.job, reason).told_with(refused.result)
