"""What a verb would do to the selected jobs; doing it, with the admin's log; and telling what was left as it was."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import router, transaction

from workers import compat
from workers.admin.verbs import Asked, Change, Verb
from workers.exceptions import UnknownTask
from workers.models import Job, JobState

BATCH = 500


class Refused(Exception):
    """Stopped in the middle; the message says after how many jobs, and why."""


@dataclass(frozen=True)
class Survey:
    """``change``: how many of the selected jobs would change, by task and state; ``stay``: how many not, by reason."""

    change: Mapping[tuple[str, str], int]
    stay: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(self.change.values())


def survey(verb: Verb, ids: Sequence[UUID]) -> Survey:
    """What carrying it out would do, as the jobs are now."""
    change: Counter[tuple[str, str]] = Counter()
    stay: Counter[str] = Counter()
    for job, why_not in _judged(verb, ids):
        if why_not:
            stay[why_not] += 1
        else:
            change[job.task, str(JobState(job.state).label)] += 1
    return Survey(_most_first(change), _with_the_gone(stay, len(ids) - change.total()))


def carry_out(verb: Verb, ids: Sequence[UUID], user: AbstractBaseUser) -> tuple[list[Change], dict[str, int]]:
    """What was changed, and how many jobs were left for which reason. Each batch commits with its log.

    Raises Refused for jobs that cannot be enqueued again, as when MAX_BYTES was lowered; earlier batches stay done.
    """
    changes: list[Change] = []
    for start in range(0, len(ids), BATCH):
        able = [job.id for job, why_not in _judged(verb, ids[start : start + BATCH]) if not why_not]
        with transaction.atomic(using=router.db_for_write(Job)):
            try:
                batch = list(verb.apply(able, user.get_username()))
            except (UnknownTask, compat.InvalidTask, TypeError, ValueError) as error:
                raise Refused(f"{len(changes):,} jobs {verb.done}; then it stopped: {error}") from error
            LogEntry.objects.bulk_create(_log(verb, batch, user))
        changes += batch
    changed = {change.job.id for change in changes}
    left = [job_id for job_id in ids if job_id not in changed]
    # In a state that would do, but locked: somebody else was changing it.
    reasons = Counter(why_not or "just being changed" for _, why_not in _judged(verb, left))
    return changes, _with_the_gone(reasons, len(left))


def report(verb: Verb, selected: int, changed: int, left: Mapping[str, int]) -> str:
    """Such as "2 of 3 jobs retried. Left as they were: 1 running."."""
    count = f"{changed:,}" if changed == selected else f"{changed:,} of {selected:,}"
    told = f"{count} job{'' if selected == 1 else 's'} {verb.done}."
    if left:
        told += f" Left as they were: {', '.join(f'{number:,} {why}' for why, number in left.items())}."
    return told


def _judged(verb: Verb, ids: Sequence[UUID]) -> Iterator[tuple[Job, str]]:
    """The jobs that there still are, each with why it would be left as it is, or ""."""
    # Looking for a task that is not there takes milliseconds.
    hindrance = lru_cache(verb.hindrance)
    jobs = Job.objects.using(router.db_for_write(Job)).only("id", "state", *Asked._fields)
    for start in range(0, len(ids), BATCH):
        for job in jobs.filter(id__in=ids[start : start + BATCH]):
            state = JobState(job.state)
            asked = Asked(*(getattr(job, name) for name in Asked._fields))
            yield job, hindrance(asked) if state in verb.states else str(state.label)


def _with_the_gone(reasons: Counter[str], expected: int) -> dict[str, int]:
    if gone := expected - reasons.total():
        reasons["gone"] = gone
    return _most_first(reasons)


def _most_first(counts: Counter[Any]) -> dict[Any, int]:
    """What is as many in the order of the names: the database gives rows in no order of its own."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _log(verb: Verb, changes: Iterable[Change], user: AbstractBaseUser) -> Iterator[LogEntry]:
    content_type = ContentType.objects.get_for_model(Job, for_concrete_model=False)

    def entry(job_id: UUID, task: str, flag: int, message: str) -> LogEntry:
        return LogEntry(
            user_id=user.pk,
            content_type=content_type,
            object_id=str(job_id),
            object_repr=f"{task} {job_id}"[:200],
            action_flag=flag,
            change_message=message,
        )

    for job, new in changes:
        if new is None:
            yield entry(job.id, job.task, CHANGE, f"{verb.done.capitalize()}.")
        else:
            yield entry(job.id, job.task, CHANGE, f"Run again as {new}.")
            yield entry(new, job.task, ADDITION, f"{job.id} run again.")
