"""What a living worker does for a dead sibling: ends the jobs that were stuck in it and takes up the others."""

import logging
import time
from collections.abc import Collection, Iterable

from django.db import Error as DatabaseError
from django.db import connections

from workers import execution, liveness, outcome, registry, results
from workers.assignment import Assignment
from workers.begun import begun_by
from workers.conf import Options
from workers.connection import bounded_transaction, own_connection
from workers.exceptions import TaskTimeout
from workers.execution import Policy
from workers.lifecycle import recording, rescuing
from workers.models import Job, JobState
from workers.models.job import WAITING
from workers.notifier import notifier
from workers.outage import Outage
from workers.outcome import Outcome
from workers.publishing import Publisher

logger = logging.getLogger("workers.takeover")


def take_over(assignment: Assignment, publisher: Publisher, worker_id: str, stuck: Collection[str]) -> None:
    """Bury a worker whose process has ended; for a thread of its own, which waits for the database if it must.

    The jobs in ``stuck`` did not stop at their timeout: only now, that nothing of them runs any more, is the timeout
    recorded and may they be tried again. What else it held lost its worker.
    """
    own_connection(assignment.database)
    outage = Outage("The database")
    while True:
        try:
            waiting = _end_the_stuck(assignment, publisher, worker_id, stuck)
            waiting += _rescue(assignment, publisher, worker_id)
            break
        except DatabaseError as error:
            time.sleep(outage.failed(error))
        finally:
            connections[assignment.database].close()
    outage.over()
    _notify(waiting)


def timed_out(job: Job, options: Options) -> Outcome:
    """The outcome of a job that did not stop at its timeout."""
    try:
        policy = Policy.of(registry.find(job.task), options)
        result = results.from_job(job)
        return execution.classify(job, TaskTimeout(policy.timeout), policy, result).told_with(result)
    except Exception as error:
        return outcome.failed(job, error)


def _end_the_stuck(at: Assignment, publisher: Publisher, worker_id: str, stuck: Collection[str]) -> list[Job]:
    if not stuck:
        return []
    held = Job.objects.using(at.database).filter(id__in=stuck, worker_id=worker_id, state=JobState.RUNNING)
    ends = [timed_out(job, at.options) for job in held]
    with bounded_transaction(at.database):
        confirmed = recording.record_split(at.database, ends)
    told = [end for end in ends if end.job.id in confirmed]
    publisher.put([(end, confirmed[end.job.id]) for end in told])
    return [end.job for end in told if end.state in WAITING]


def _rescue(at: Assignment, publisher: Publisher, worker_id: str) -> list[Job]:
    waiting = _release_the_unbegun(at, publisher, worker_id)
    with bounded_transaction(at.database):
        liveness.unregister(at.database, worker_id)
    rescued: list[Job] = []
    while True:
        with bounded_transaction(at.database):
            batch = rescuing.rescue_orphans(at.database, at.backend, at.options.max_rescues)
        for job in batch:
            logger.warning("%s %s lost its worker %s and is %s now.", job.task, job.id, job.worker_id, job.state)
        publisher.put_rescued(batch)
        rescued += batch
        if len(batch) < rescuing.BATCH:
            return waiting + [job for job in rescued if job.state in WAITING]


def _release_the_unbegun(at: Assignment, publisher: Publisher, worker_id: str) -> list[Job]:
    """While the dead worker still has its row, so that nobody rescues them: what was only claimed ahead spends none."""
    began = begun_by(worker_id)
    if began is None:
        return []
    with bounded_transaction(at.database):
        released = rescuing.release(at.database, worker_id, keep_jobs=began)
    publisher.put_ended([job for job in released if job.is_finished])
    return [job for job in released if job.state in WAITING]


def _notify(waiting: Iterable[Job]) -> None:
    """Now due, or soon: whoever serves these queues looks, and plans its next look."""
    for queue, job_id in {job.queue: job.id for job in waiting}.items():
        notifier.notify(queue, job_id)
