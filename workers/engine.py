"""One worker process's machinery, without any channel: ledger, slots and publisher, started and stopped together."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from uuid import UUID

from workers.assignment import Assignment
from workers.begun import Begun
from workers.events import broadcaster
from workers.inbox import Order, Requests, Todo
from workers.ledger import Ledger
from workers.models import Job
from workers.notifier import notifier
from workers.publishing import Publisher
from workers.slots import Slots
from workers.takeover import take_over, timed_out
from workers.tally_writer import TallyWriter

logger = logging.getLogger("workers")

CANCEL_PATIENCE = 2.0
WRITE_PATIENCE = 2.0
TELL_PATIENCE = 1.0
POLL = 0.02


class Engine:
    """Runs the jobs of an assignment until it is shut down. ``on_room`` hears which queues have room.

    ``has_heir``: when this process is dead somebody buries it at once, and then records the timeout of a task that
    did not stop; otherwise that is the engine's last act.
    """

    def __init__(
        self,
        assignment: Assignment,
        on_room: Callable[[Collection[str]], None] = lambda queues: None,
        on_stuck: Callable[[Job], None] = lambda job: None,
    ) -> None:
        self.assignment = assignment
        self._on_stuck = on_stuck
        self.has_heir = False
        self._stuck: dict[UUID, Job] = {}
        self._burying: list[threading.Thread] = []
        self._running = False
        self._publisher = Publisher(TallyWriter(assignment.database, assignment.backend))
        self._begun = Begun(assignment.concurrency)
        todo: Todo = queue.SimpleQueue()
        self.ledger = Ledger(assignment, todo, self._publisher, on_room, self._call_off)
        self._slots = Slots(
            assignment.concurrency,
            assignment.options,
            todo,
            self.ledger.finish,
            self._stick,
            self._begun,
            self.ledger.pace.ran,
        )

    def start(self) -> None:
        self._running = True
        if self.has_heir:
            self._begun.open(self.ledger.maintenance.worker_id)
        self._publisher.start()
        self._slots.start()
        self.ledger.start()

    def _call_off(self, requests: Requests) -> None:
        self._slots.call_off(requests)

    def wake(self, queue_name: str, job_id: str) -> None:
        """A message says: look now."""
        self.ledger.wake(queue_name, job_id)

    def quiesce(self) -> None:
        """Claim nothing more; what has not started goes back at once."""
        self.ledger.order(Order.QUIESCE)

    def bury(self, worker_id: str, stuck: Collection[str], on_buried: Callable[[], None]) -> None:
        """Take over what a worker held whose process is dead; ``stuck`` are the jobs it could not stop."""

        def work() -> None:
            take_over(self.assignment, self._publisher, worker_id, stuck)
            self.ledger.order(Order.LOOK)
            on_buried()

        thread = threading.Thread(target=work, name="takeover", daemon=True)
        self._burying.append(thread)
        thread.start()

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
        if self.has_heir:
            self.ledger.left_behind = set(self._stuck)
        else:
            self._give_up_stuck_jobs()
        self.ledger.order(Order.HAND_BACK)
        self.ledger.order(Order.CLOSE)
        if not self.ledger.join(WRITE_PATIENCE):
            logger.warning("The database does not answer; what this worker held is rescued by others.")
        for thread in self._burying:
            thread.join(WRITE_PATIENCE)
        self._publisher.close(TELL_PATIENCE)
        notifier.flush()
        broadcaster.flush()
        self._slots.close()
        if not self.has_heir:
            self._begun.close()
        return not self._slots.running

    def _wait_until_idle(self, seconds: float, hurry: threading.Event | None) -> bool:
        """False: the time is up, or what still runs is stuck and will not end."""
        end = time.monotonic() + seconds
        while not self.ledger.idle.wait(POLL):
            stuck = set(self._stuck)
            # What has ended and is not yet recorded is still held.
            if time.monotonic() >= end or (hurry and hurry.is_set()) or (stuck and self.ledger.held <= stuck):
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
            self.ledger.finish(timed_out(job, self.assignment.options))
