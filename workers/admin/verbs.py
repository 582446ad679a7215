"""Retry, discard and cancel as the admin offers them: done, logged, and honest about what was not done."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import router, transaction

from workers import steering
from workers.lifecycle.ending import RUNS_AGAIN
from workers.models import Job, JobState
from workers.models.job import WAITING

BATCH = 500


@dataclass(frozen=True)
class Verb:
    """``states`` are those it can be done in; ``apply`` takes ids and a user's name, returns the jobs changed."""

    name: str
    done: str
    states: Collection[JobState]
    apply: Callable[[Iterable[UUID], str], list[Job]]


RETRY = Verb("retry", "retried", RUNS_AGAIN, lambda ids, by: steering.retry(ids))
DISCARD = Verb("discard", "discarded", (*WAITING, JobState.FAILED), steering.discard)
CANCEL = Verb("cancel", "cancelled", WAITING, steering.cancel)
VERBS = (RETRY, DISCARD, CANCEL)


def carry_out(verb: Verb, ids: Sequence[UUID], user: AbstractBaseUser) -> tuple[int, dict[str, int]]:
    """How many jobs were changed, and how many were left for which reason. Each batch commits with its log."""
    database = router.db_for_write(Job)
    changed: set[UUID] = set()
    for start in range(0, len(ids), BATCH):
        with transaction.atomic(using=database):
            jobs = verb.apply(ids[start : start + BATCH], user.get_username())
            LogEntry.objects.log_actions(user.pk, jobs, CHANGE, f"{verb.done.capitalize()}.")
        changed.update(job.id for job in jobs)
    return len(changed), _left(verb, [job_id for job_id in ids if job_id not in changed], database)


def report(verb: Verb, selected: int, changed: int, left: Mapping[str, int]) -> str:
    """Such as "2 of 3 jobs retried. Left as they were: 1 running."."""
    count = f"{changed:,}" if changed == selected else f"{changed:,} of {selected:,}"
    told = f"{count} job{'' if selected == 1 else 's'} {verb.done}."
    if left:
        told += f" Left as they were: {', '.join(f'{number:,} {why}' for why, number in left.items())}."
    return told


def _left(verb: Verb, ids: Collection[UUID], database: str) -> dict[str, int]:
    states = Job.objects.using(database).filter(id__in=ids).values_list("state", flat=True)
    # In a state that would do, but locked: somebody else was changing it.
    reasons = Counter("just being changed" if state in verb.states else str(JobState(state).label) for state in states)
    if gone := len(ids) - reasons.total():
        reasons["gone"] = gone
    return dict(reasons.most_common())
