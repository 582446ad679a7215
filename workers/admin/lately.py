"""What went wrong lately and what became of it: retried, rescued, discarded, failed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from workers.admin.rendering import coloured
from workers.models import Attempt, AttemptKind, JobState

SHOWN = 20
READ = 200
"""Attempts looked through for them, the newest: what people called off is among them and not shown."""
WENT_ON = (JobState.SCHEDULED, JobState.READY, JobState.RUNNING, JobState.SUCCESSFUL)
FIELDS = ("id", "job_id", "job__task", "job__queue", "job__state", "kind", "ended_at", "message", "started_at")


@dataclass(frozen=True)
class Mishap:
    """An attempt that did not succeed. ``state``: of its job, now. ``latest``: the job was not tried again since."""

    id: int
    job_id: UUID
    task: str
    queue: str
    state: JobState
    kind: AttemptKind
    at: datetime
    said: str
    latest: bool

    @property
    def coloured_state(self) -> SafeString:
        return coloured(self.state)

    @property
    def became(self) -> str:
        """In a word or two, what this attempt led to."""
        went_on = not self.latest or self.state in WENT_ON
        if self.kind == AttemptKind.FAILED:
            return "retried" if went_on else "failed"
        if self.kind == AttemptKind.WORKER_LOST:
            return "rescued" if went_on else "worker lost"
        return str(self.kind.label)


def lately(database: str) -> list[Mishap]:
    """The newest SHOWN, by the attempts' own order: a short walk along their primary key."""
    rows = Attempt.objects.using(database).order_by("-id").values_list(*FIELDS)[:READ]
    return list(islice((each for each in mishaps(rows) if each.kind != AttemptKind.CANCELLED), SHOWN))


def mishaps(rows: Iterable[tuple[Any, ...]]) -> Iterator[Mishap]:
    """``rows`` newest first, each with FIELDS: the first of a job that was really begun is its latest attempt."""
    tried: set[UUID] = set()
    for id_, job_id, task, queue, state, kind, at, said, began in rows:
        yield Mishap(id_, job_id, task, queue, JobState(state), AttemptKind(kind), at, said, job_id not in tried)
        if began is not None:
            tried.add(job_id)
