"""One worker process's machinery, without any channel: ledger, slots and publisher, started and stopped together."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from workers import execution, outcome, registry, results
from workers.assignment import Assignment
from workers.exceptions import TaskTimeout
from workers.execution import Policy
from workers.ledger import Ledger, Order
from workers.models import Job
from workers.notifier import notifier
from workers.publishing import Publisher
from workers.slots import Slots

logger = logging.getLogger("workers")

CANCEL_PATIENCE = 2.0
WRITE_PATIENCE = 2.0
TELL_PATIENCE = 1.0
POLL = 0.02


class Engine:
    """Runs the jobs of an assignment until it is shut down. ``on_room`` hears whether a slot is free."""

    def __init__(
        self,
        assignment: Assignment,
        on_room: Callable[[bool], None] = lambda has_room: None,
        on_stuck: Callable[[Job], None] = lambda job: None,
    ) -> None:
        self.assignment = assignment
        self._on_stuck = on_stuck
        self._stuck: dict[object, Job] = {}
        self._running = False
        self._publisher = Publisher()
        todo: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.ledger = Ledger(assignment, todo, self._publisher, on_room)
        self._slots = Slots(assignment.concurrency, assignment.options, todo, self.ledger.finish, self._stick)

    def start(self) -> None:
        self._running = True
        self._publisher.start()
        self._slots.start()
        self.ledger.start()

    def wake(self, queue_name: str, job_id: str) -> None:
        """A message says: look now."""
        self.ledger.wake(queue_name, job_id)

    def quiesce(self) -> None:
        """Claim nothing more; what has not started goes back at once."""
        self.ledger.order(Order.QUIESCE)

    def shut_down(self, grace: float, hurry: threading.Event | None = None) -> bool:
        """Let running jobs finish for ``grace`` seconds, or until ``hurry`` is set; then cancel the coroutines and
        hand back the rest without spending an attempt.

        True: everything has ended. False: a task's thread still runs, and the process must end now, because its job
        may already run elsewhere. Nothing happens to an engine that was not started, or was shut down before.
        """
        if not self._running:
            return True
        self._running = False
        self.quiesce()
        # A claim may be under way; only after it is it known what is held.
        self.ledger.quiesced.wait(WRITE_PATIENCE)
        if not self._wait_until_idle(grace, hurry) and self._slots.interrupt_coroutines():
            self._wait_until_idle(CANCEL_PATIENCE, None)
        self._give_up_stuck_jobs()
        self.ledger.order(Order.HAND_BACK)
        self.ledger.order(Order.CLOSE)
        if not self.ledger.join(WRITE_PATIENCE):
            logger.warning("The database does not answer; what this worker held is rescued by others.")
        self._publisher.close(TELL_PATIENCE)
        notifier.flush()
        self._slots.close()
        return not self._slots.running

    def _wait_until_idle(self, seconds: float, hurry: threading.Event | None) -> bool:
        """False: the time is up, or what still runs is stuck and will not end."""
        end = time.monotonic() + seconds
        while not self.ledger.idle.wait(POLL):
            stuck = set(self._stuck)
            if time.monotonic() >= end or (hurry and hurry.is_set()) or (stuck and self._slots.running <= stuck):
                return False
        return True

    def _stick(self, job: Job) -> None:
        """A task did not stop at its timeout. Only the end of the process stops it, and only then is it recorded."""
        logger.error("%s %s does not stop at its timeout; this worker takes nothing new and ends.", job.task, job.id)
        self._stuck[job.id] = job
        self.quiesce()
        self._on_stuck(job)

    def _give_up_stuck_jobs(self) -> None:
        for job in self._stuck.values():
            try:
                policy = Policy.of(registry.find(job.task), self.assignment.options)
                result = results.from_job(job)
                done = execution.classify(job, TaskTimeout(policy.timeout), policy, result).told_with(result)
            except Exception as error:
                done = outcome.failed(job, error)
            self.ledger.finish(done)
