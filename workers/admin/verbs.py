"""What the admin offers to do to jobs: retry, discard, cancel, run again."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import router

from workers import compat, steering
from workers.exceptions import UnknownTask
from workers.lifecycle.ending import RUNS_AGAIN
from workers.models import Job, JobState
from workers.models.job import FINISHED, WAITING


class Change(NamedTuple):
    """A job to which something was done, and the id of the new one when it was run again."""

    job: Job
    new: UUID | None = None


class Asked(NamedTuple):
    """What a job asked for: decides whether it can be run again."""

    task: str
    priority: int
    queue: str
    backend: str
    owner: str


@dataclass(frozen=True)
class Verb:
    """``states`` are those it can be done in; ``apply`` takes ids and a user's name.

    ``hindrance`` says why it cannot be done to a job in one of these states, such as "whose task is not known here".
    """

    name: str
    label: str
    done: str
    states: Collection[JobState]
    apply: Callable[[Sequence[UUID], str], Iterable[Change]]
    hindrance: Callable[[Asked], str] = lambda asked: ""


def _retry(ids: Sequence[UUID], by: str) -> Iterable[Change]:
    return map(Change, steering.retry(ids))


def _discard(ids: Sequence[UUID], by: str) -> Iterable[Change]:
    return map(Change, steering.discard(ids, by))


def _cancel(ids: Sequence[UUID], by: str) -> Iterable[Change]:
    return map(Change, steering.cancel(ids, by))


def _repeat(ids: Sequence[UUID], by: str) -> Iterable[Change]:
    again = steering.repeat(ids)
    jobs = Job.objects.using(router.db_for_write(Job)).only("id", "task").filter(id__in=again).order_by("id")
    return [Change(job, again[job.id]) for job in jobs]


def _why_not_repeated(asked: Asked) -> str:
    try:
        steering.task_to_repeat(*asked)
    except UnknownTask:
        return "whose task is not known here"
    except compat.InvalidTask:
        return "whose queue or backend is no longer in the settings"
    return ""


RETRY = Verb("retry", "Retry", "retried", RUNS_AGAIN, _retry)
DISCARD = Verb("discard", "Discard", "discarded", (*WAITING, JobState.FAILED), _discard)
CANCEL = Verb("cancel", "Cancel", "called off", (*WAITING, JobState.RUNNING), _cancel)
REPEAT = Verb("repeat", "Run again as new", "run again as new", FINISHED, _repeat, _why_not_repeated)
VERBS = (RETRY, DISCARD, CANCEL, REPEAT)
