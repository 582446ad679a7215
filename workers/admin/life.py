"""A job's whole life, in the order in which it happened, as far as its row and its attempts tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workers.admin.rendering import TONE_OF, spelled
from workers.models import Attempt, AttemptKind, Job, JobState, QueuePause

TITLE_OF = {
    AttemptKind.FAILED: "attempt failed",
    AttemptKind.DISCARDED: "discarded",
    AttemptKind.WORKER_LOST: "worker lost",
    AttemptKind.CANCELLED: "cancelled",
    AttemptKind.UNKNOWN_TASK: "task not known there",
}


@dataclass(frozen=True)
class Moment:
    """``at`` None: when it was is not known, or it is so now."""

    at: datetime | None
    title: str
    said: str = ""
    tone: str = "wait"
    traceback: str = ""


def life_of(job: Job, attempts: Sequence[Attempt], pause: QueuePause | None = None) -> list[Moment]:
    """From being enqueued to the end, or to what is awaited. ``pause`` is that of its queue."""
    begun = [Moment(job.enqueued_at, "enqueued", f"on {job.queue}")]
    if job.requested_run_after:
        begun.append(Moment(job.requested_run_after, "not before, as asked"))
    if job.started_at:
        begun.append(Moment(job.started_at, "first start", *_first_worker(job, attempts)))
    tried = [_tried(attempt) for attempt in attempts]
    latest = job.last_attempted_at
    if latest and latest != job.started_at and latest not in {attempt.started_at for attempt in attempts}:
        tried.append(Moment(latest, "latest start", f"by worker {job.worker_id}"))
    past = sorted([*begun, *tried], key=lambda moment: moment.at or job.enqueued_at)
    return [*past, *_counted(job), *_as_it_stands(job, pause)]


def _first_worker(job: Job, attempts: Sequence[Attempt]) -> list[str]:
    if job.last_attempted_at == job.started_at:
        return [f"by worker {job.worker_id}"] if job.worker_id else []
    return [f"by worker {each.worker_id}" for each in attempts if each.started_at == job.started_at][:1]


def _tried(attempt: Attempt) -> Moment:
    ran = f" after {spelled(attempt.ended_at - attempt.started_at)}" if attempt.started_at else ""
    where = f" on {attempt.worker_id}" if attempt.worker_id else ""
    title = f"{TITLE_OF[AttemptKind(attempt.kind)]}{ran}{where}"
    tone = "quiet" if attempt.kind == AttemptKind.CANCELLED else "bad"
    failed = attempt.kind == AttemptKind.FAILED
    said = f"{attempt.exception_class_path}: {attempt.message}" if failed else attempt.message
    return Moment(attempt.ended_at, title, said, tone, attempt.traceback)


def _counted(job: Job) -> list[Moment]:
    """What leaves only a count."""
    counts = {"snoozed": job.snoozes, "interrupted by a shutdown": job.interruptions}
    return [Moment(None, f"{what} {'once' if n == 1 else f'{n:,} times'}") for what, n in counts.items() if n]


def _as_it_stands(job: Job, pause: QueuePause | None) -> list[Moment]:
    state = JobState(job.state)
    if state.is_finished:
        return [Moment(job.finished_at, str(state.label), tone=TONE_OF[state])]
    now = [Moment(None, str(state.label))]
    if state is JobState.SCHEDULED:
        now = [Moment(job.run_after, "next start, not before")]
    if state is JobState.RUNNING and job.cancel_requested_by:
        now.append(Moment(None, f"called off by {job.cancel_requested_by}; the task has yet to notice", tone="quiet"))
    if pause and state is not JobState.RUNNING:
        now.append(Moment(None, f"its queue is paused by {pause.paused_by or 'somebody'}", tone="quiet"))
    return now
