"""RUNNING → what became of it. Fenced: a write counts only while the row still carries the claim's own token."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DataError, connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from workers import outcome as outcomes
from workers.exceptions import ResultRefused
from workers.models import Attempt, Job, JobState
from workers.models.job import FINISHED
from workers.outcome import Outcome

DATA_ERRORS = (DataError, ValueError, TypeError, OverflowError)
"""What a value raises that the database, or the driver on the way there, refuses."""

Confirmed = dict[UUID, datetime | None]
"""Ids of the jobs whose outcome was written -> when they finished, or None when they go on."""

RECORD = """
UPDATE workers_job AS job
SET state = done.state,
    return_value = done.return_value::jsonb,
    run_after = CASE WHEN done.goes_on THEN statement_timestamp() + done.delay * interval '1 second'
                     ELSE job.run_after END,
    finished_at = CASE WHEN done.goes_on THEN NULL ELSE statement_timestamp() END,
    attempts = job.attempts + done.attempts,
    snoozes = job.snoozes + done.snoozes,
    interruptions = job.interruptions + done.interruptions
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::boolean[], %s::float8[], %s::text[], %s::int[], %s::int[],
            %s::int[]) AS done (id, token, state, goes_on, delay, return_value, attempts, snoozes, interruptions)
WHERE job.id = done.id AND job.state = 'RUNNING' AND job.claim_token = done.token
RETURNING job.id, job.finished_at
"""


def record(database: str, batch: Sequence[Outcome]) -> Confirmed:
    """Write a batch in one transaction. An outcome that is not confirmed lost its lease: nothing was written for it.

    Raises one of DATA_ERRORS when the database refuses a value; ``record_split`` then finds the culprit.
    """
    if not batch:
        return {}
    with transaction.atomic(using=database):
        if connections[database].vendor == "postgresql":
            confirmed = _update_together(database, batch)
        else:
            confirmed = _update_one_by_one(database, batch)
        attempts = [each.failure.as_attempt(each.job) for each in batch if each.failure and each.job.id in confirmed]
        if attempts:
            Attempt.objects.using(database).bulk_create(attempts)
    return confirmed


def record_split(database: str, batch: Sequence[Outcome]) -> Confirmed:
    """Like ``record``, but an outcome whose data the database refuses ends FAILED and takes no neighbour along."""
    try:
        return record(database, batch)
    except DATA_ERRORS as error:
        if len(batch) == 1:
            return record(database, [_refused(batch[0], error)])
        middle = len(batch) // 2
        return record_split(database, batch[:middle]) | record_split(database, batch[middle:])


def read_back(database: str, batch: Iterable[Outcome]) -> Confirmed:
    """Which of these outcomes, sent before the connection broke, had been committed after all?

    The token stays on the row until the next claim, and a rescue clears it: a row that has our token and is no
    longer RUNNING was written by us.
    """
    tokens = {each.job.id: each.job.claim_token for each in batch}
    rows = Job.objects.using(database).filter(id__in=tokens).exclude(state=JobState.RUNNING)
    return {
        job_id: finished_at
        for job_id, token, finished_at in rows.values_list("id", "claim_token", "finished_at")
        if token == tokens[job_id]
    }


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
    with connections[database].cursor() as cursor:
        cursor.execute(RECORD, [list(column) for column in columns])
        return dict(cursor.fetchall())


def _update_one_by_one(database: str, batch: Sequence[Outcome]) -> Confirmed:
    written = []
    for each in batch:
        goes_on = each.state not in FINISHED
        held = Job.objects.using(database).filter(
            id=each.job.id, state=JobState.RUNNING, claim_token=each.job.claim_token
        )
        if held.update(
            state=each.state,
            return_value=each.return_value,
            run_after=Now() + timedelta(seconds=each.delay) if goes_on else F("run_after"),
            finished_at=None if goes_on else Now(),
            attempts=F("attempts") + each.attempts,
            snoozes=F("snoozes") + each.snoozes,
            interruptions=F("interruptions") + each.interruptions,
        ):
            written.append(each.job.id)
    return dict(Job.objects.using(database).filter(id__in=written).values_list("id", "finished_at"))


def _refused(refused: Outcome, error: Exception) -> Outcome:
    reason = ResultRefused(
        f"the database refused what the task left ({type(error).__name__}); store it and return an id"
    )
    return outcomes.failed(refused.job, reason).told_with(refused.result)
