"""Tells what the database has confirmed: the log line and Django's ``task_finished``, and never before."""

import logging
import queue
import threading
from collections.abc import Iterable
from datetime import datetime

from django.db import connections

from workers import compat, results
from workers.models import Job, JobState
from workers.outcome import Outcome
from workers.results import TaskResult, set_return_value

logger = logging.getLogger("workers")

LEVEL_OF = {
    JobState.SUCCESSFUL: logging.INFO,
    JobState.FAILED: logging.ERROR,
    JobState.DISCARDED: logging.WARNING,
    JobState.CANCELLED: logging.WARNING,
}
WARN_AT = 10


class Publisher:
    """One thread that tells, so that neither the ledger nor a slot waits for a slow receiver."""

    def __init__(self) -> None:
        self._confirmed: queue.SimpleQueue[tuple[Outcome, datetime | None] | list[Job] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, outcome: Outcome, finished_at: datetime | None) -> None:
        self._confirmed.put((outcome, finished_at))

    def put_ended(self, jobs: list[Job]) -> None:
        """Jobs that ended without an attempt of this process: rescued once too often."""
        if jobs:
            self._confirmed.put(jobs)

    def close(self, timeout: float) -> None:
        """Tell what is left, for at most ``timeout`` seconds."""
        self._confirmed.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        while (item := self._confirmed.get()) is not None:
            try:
                publish_ended(item) if isinstance(item, list) else publish(*item)
            except Exception:
                logger.exception("An outcome could not be told.")
            finally:
                connections.close_all()


def publish(outcome: Outcome, finished_at: datetime | None) -> None:
    """Log one line for the attempt and, when the job has ended, send ``task_finished`` with its exception current."""
    job, result = outcome.job, outcome.result
    if outcome.exception is None:
        _tell(outcome, job, result, finished_at)
        return
    where = outcome.exception.__traceback__
    try:
        raise outcome.exception
    except BaseException as error:
        error.__traceback__ = where  # without this function, which the task knows nothing of
        _tell(outcome, job, result, finished_at)


def publish_ended(jobs: Iterable[Job]) -> None:
    """Send ``task_finished`` for jobs that ended outside a worker: cancelled, discarded, or rescued too often."""
    for job in jobs:
        if job.is_finished:
            logger.log(LEVEL_OF[JobState(job.state)], "%s %s %s", job.task, job.id, JobState(job.state).label)
            _send_finished(results.from_job(job))


def _tell(outcome: Outcome, job: Job, result: TaskResult | None, finished_at: datetime | None) -> None:
    _log(outcome)
    if finished_at is None or result is None:
        return
    object.__setattr__(result, "state", outcome.state)
    object.__setattr__(result, "status", outcome.state.status)
    object.__setattr__(result, "finished_at", finished_at)
    set_return_value(result, outcome.return_value)
    if outcome.failure:
        result.errors.append(
            compat.TaskError(
                exception_class_path=outcome.failure.exception_class_path, traceback=outcome.failure.traceback
            )
        )
    _send_finished(result)


def _send_finished(result: TaskResult) -> None:
    backend = type(compat.task_backends[result.backend])
    for receiver, answer in compat.task_finished.send_robust(backend, task_result=result):
        if isinstance(answer, Exception):
            # send_robust has logged it with its traceback.
            logger.warning("A receiver of task_finished failed: %r", receiver)


def _log(outcome: Outcome) -> None:
    job, extra = outcome.job, {"job_id": str(outcome.job.id), "task": outcome.job.task, "queue": outcome.job.queue}
    number = job.attempts + 1
    if outcome.state.is_finished:
        logger.log(
            LEVEL_OF[outcome.state],
            "%s %s %s at attempt %d",
            job.task,
            job.id,
            outcome.state.label,
            number,
            exc_info=outcome.exception if outcome.state is JobState.FAILED else None,
            extra=extra,
        )
    elif outcome.failure:
        text = "%s %s failed at attempt %d and is tried again in %.1f s"
        logger.warning(text, job.task, job.id, number, outcome.delay, exc_info=outcome.exception, extra=extra)
    else:
        snoozes, interruptions = job.snoozes + outcome.snoozes, job.interruptions + outcome.interruptions
        count = max(snoozes, interruptions)
        level = logging.WARNING if count and count % WARN_AT == 0 else logging.DEBUG
        text = "%s %s goes back without spending an attempt (%d snoozes, %d interruptions)"
        logger.log(level, text, job.task, job.id, snoozes, interruptions, extra=extra)
