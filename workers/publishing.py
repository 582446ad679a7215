"""Tells what the database has confirmed: the log line and Django's ``task_finished``, and never before."""

import logging
import queue
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connections, router

from workers import compat, events, registry, results
from workers.logs import lines_together
from workers.measures import LEASE_LOST, RESCUED
from workers.models import Job, JobState
from workers.outcome import Outcome
from workers.results import TaskResult, set_return_value
from workers.tallies import Tallies
from workers.tally_writer import TallyWriter

logger = logging.getLogger("workers")

LEVEL_OF = {
    JobState.SUCCESSFUL: logging.INFO,
    JobState.FAILED: logging.ERROR,
    JobState.DISCARDED: logging.WARNING,
    JobState.CANCELLED: logging.WARNING,
}
WARN_AT = 10

Confirmed = tuple[Outcome, datetime | None]
"""What became of an attempt, and when its job finished, or None when it goes on."""


class Befallen(NamedTuple):
    """What befell jobs beside their outcomes, of which only the number is told."""

    measure: str
    jobs: list[Job]


class Publisher:
    """One thread that tells and counts, so that neither the ledger nor a slot waits for a slow receiver."""

    def __init__(self, writer: TallyWriter) -> None:
        self._tallies = Tallies()
        self._writer = writer
        self._confirmed: queue.SimpleQueue[list[Confirmed] | list[Job] | Befallen | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._writer.start()
        self._thread.start()

    def put(self, confirmed: list[Confirmed]) -> None:
        """Outcomes that the database has confirmed in one go."""
        if confirmed:
            self._confirmed.put(confirmed)

    def put_ended(self, jobs: list[Job]) -> None:
        """Jobs that ended without an attempt of this process: rescued once too often."""
        if jobs:
            self._confirmed.put(jobs)

    def put_rescued(self, jobs: list[Job]) -> None:
        """Jobs that lost their worker, as they now are."""
        if jobs:
            self._confirmed.put(Befallen(RESCUED, jobs))
            self._confirmed.put(jobs)

    def put_lost(self, jobs: list[Job]) -> None:
        """Jobs that ran here while somebody else took them, so that nothing could be recorded."""
        if jobs:
            self._confirmed.put(Befallen(LEASE_LOST, jobs))

    def close(self, timeout: float) -> None:
        """Tell what is left, and write what was counted, for at most ``timeout`` seconds."""
        end = time.monotonic() + timeout
        self._confirmed.put(None)
        self._thread.join(timeout)
        self._writer.close(max(end - time.monotonic(), 0.0))

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            if isinstance(batch, Befallen):
                for job in batch.jobs:
                    self._tallies.add(job.queue, batch.measure)
                continue
            self._tallies.count(batch)
            with lines_together():
                for item in batch:
                    try:
                        publish_ended([item]) if isinstance(item, Job) else publish(*item)
                    except Exception:
                        logger.exception("An outcome could not be told.")
            if self._confirmed.empty():
                connections.close_all()
        self._writer.put(self._tallies.take())
        connections.close_all()

    def _next(self) -> list[Confirmed] | list[Job] | Befallen | None:
        """What is to be told next. Meanwhile what was counted is handed over when it is due."""
        while True:
            left = self._tallies.seconds_left
            if left == 0:
                self._writer.put(self._tallies.take())
                continue
            try:
                return self._confirmed.get(timeout=left)
            except queue.Empty:
                continue


def publish(outcome: Outcome, finished_at: datetime | None) -> None:
    """Log one line for the attempt and, when the job has ended, send ``task_finished`` with its exception current."""
    if finished_at is not None and not outcome.state.is_finished:
        # It was called off meanwhile, and has one attempt more than this outcome knows of.
        publish_ended(Job.objects.using(router.db_for_write(Job)).filter(id=outcome.job.id))
        return
    job, result = outcome.job, outcome.result
    events.tell(job, outcome.state, spent=outcome.attempts)
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
    """Send ``task_finished`` for jobs that ended outside a worker: cancelled, discarded, or rescued too often. Of those
    that go on, only the live pages hear."""
    for job in jobs:
        events.tell(job)
        if job.is_finished:
            extra = {"job_id": str(job.id), "task": job.task, "queue": job.queue, "attempt": job.attempts}
            logger.log(LEVEL_OF[JobState(job.state)], "%s %s %s", job.task, job.id, job.state.lower(), extra=extra)
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
    for receiver, answer in compat.task_finished.send_robust(
        registry.backend_class(result.backend), task_result=result
    ):
        if isinstance(answer, Exception):
            # send_robust has logged it with its traceback.
            logger.warning("A receiver of task_finished failed: %r", receiver)


def _log(outcome: Outcome) -> None:
    job = outcome.job
    job_id = str(job.id)
    number = job.attempts + 1
    extra = {"job_id": job_id, "task": job.task, "queue": job.queue, "attempt": number}
    if outcome.state.is_finished:
        logger.log(
            LEVEL_OF[outcome.state],
            "%s %s %s at attempt %d",
            job.task,
            job_id,
            outcome.state.value.lower(),
            number,
            exc_info=outcome.exception if outcome.state is JobState.FAILED else None,
            extra=extra,
        )
    elif outcome.failure and outcome.attempts:
        text = "%s %s failed at attempt %d and is tried again in %.1f s"
        logger.warning(text, job.task, job.id, number, outcome.delay, exc_info=outcome.exception, extra=extra)
    else:
        snoozes, interruptions = job.snoozes + outcome.snoozes, job.interruptions + outcome.interruptions
        count = snoozes if outcome.snoozes else interruptions if outcome.interruptions else 0
        level = logging.WARNING if count and count % WARN_AT == 0 else logging.DEBUG
        text = "%s %s goes back without spending an attempt (%d snoozes, %d interruptions)"
        logger.log(level, text, job.task, job.id, snoozes, interruptions, extra=extra)
