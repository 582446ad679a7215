"""The ledger: the one thread of a worker that talks to the database about jobs.

Each turn is one transaction: record what finished, claim what fits. While it is under way the next batch gathers, so
a single job is written at once and a thousand share their commits. No code of the user runs here.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connections

from workers import outcome
from workers.assignment import Assignment
from workers.claims import Claims
from workers.connection import bounded_transaction, own_connection
from workers.lifecycle import claiming, recording, rescuing
from workers.lifecycle.recording import Confirmed
from workers.maintenance import Chore, Maintenance
from workers.models import Job, JobState
from workers.notifier import notifier
from workers.outage import Outage
from workers.outcome import Outcome
from workers.publishing import Publisher

logger = logging.getLogger("workers.ledger")

RECONCILE_INTERVAL = 60.0


class Order(Enum):
    """What the engine tells the ledger at the end."""

    QUIESCE = "claim nothing more, give back what has not started"
    HAND_BACK = "give back what still runs"
    CLOSE = "write what is left and end"


@dataclass(frozen=True)
class Woken:
    """A message came in on a queue's channel, naming a job."""

    queue: str
    job_id: str


class Todo(Protocol):
    """Where claimed jobs go: the slots' queue."""

    def put(self, job: Job, /) -> None: ...
    def get_nowait(self) -> Job | None: ...


class Ledger:
    """Everything but the four methods at the top belongs to its own thread."""

    def __init__(
        self, assignment: Assignment, todo: Todo, publisher: Publisher, on_room: Callable[[bool], None]
    ) -> None:
        self._at = assignment
        self._todo = todo
        self._publisher = publisher
        self._on_room = on_room
        self._inbox: queue.SimpleQueue[Outcome | Woken | Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self.idle = threading.Event()
        self.idle.set()
        self.quiesced = threading.Event()
        self.maintenance = Maintenance(assignment, self._rescued)
        self._reconciling = Chore(self._reconcile, RECONCILE_INTERVAL, time.monotonic() + RECONCILE_INTERVAL)
        self._outage = Outage("The database")
        self._claims = Claims(assignment)
        self._held: dict[UUID, Job] = {}
        self._unrecorded: list[Outcome] = []
        self._in_doubt = False
        self._quiet = False
        self._closing = False
        self._hungry = True
        self._woken: Woken | None = None
        self._paused_until = 0.0
        self._look_at = 0.0
        self._had_room = False

    def start(self) -> None:
        self._thread.start()

    def wake(self, queue_name: str, job_id: str) -> None:
        self._inbox.put(Woken(queue_name, job_id))

    def finish(self, done: Outcome) -> None:
        self._inbox.put(done)

    def order(self, order: Order) -> None:
        self._inbox.put(order)

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end after CLOSE; False: the database did not answer in time."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        own_connection(self._at.database)
        while not (self._closing and not self._unrecorded):
            self._gather()
            if time.monotonic() < self._paused_until:
                continue
            try:
                self._work()
            except Exception as error:
                self._suffer(error)
        self._leave()

    def _gather(self) -> None:
        """Wait for the first item of the next batch, no longer than until something is due; take all there is."""
        now = time.monotonic()
        due = min(self._look_at, self.maintenance.due_at, self._reconciling.due_at)
        wait = max(due, self._paused_until) - now
        if self._paused_until <= now and (self._unrecorded or (self._hungry and self._room())):
            wait = 0.0
        try:
            self._take(self._inbox.get(timeout=max(wait, 0.0)) if wait > 0 else self._inbox.get_nowait())
            while True:
                self._take(self._inbox.get_nowait())
        except queue.Empty:
            return

    def _take(self, item: Outcome | Woken | Order) -> None:
        match item:
            case Outcome():
                if self._held.get(item.job.id) is item.job:
                    self._unrecorded.append(item)
            case Woken():
                self._hungry, self._woken = True, item
            case Order.QUIESCE:
                self._quiet = self.maintenance.stopping = True
                self._return_unstarted()
            case Order.HAND_BACK:
                finished = {each.job.id for each in self._unrecorded}
                running = [job for job_id, job in self._held.items() if job_id not in finished]
                self._unrecorded.extend(map(outcome.interrupted, running))
            case Order.CLOSE:
                self._closing = True

    def _work(self) -> None:
        now = time.monotonic()
        if not self.maintenance.registered and not self._closing:
            self.maintenance.register()
        if self._in_doubt:
            self._reconcile()
        if now >= self._look_at:
            with bounded_transaction(self._at.database):
                self._look()
        self._turn()
        if not self._closing:
            self.maintenance.run_due(now)
        if now >= self._reconciling.due_at:
            self._reconciling.due_at = now + self._reconciling.interval
            self._reconcile()
        self._outage.over()

    def _turn(self) -> None:
        """One transaction: record what finished, claim what fits."""
        batch, room = self._unrecorded, self._room() if self._hungry else 0
        if batch or room:
            self._in_doubt = True
            confirmed, claimed = self._write(batch, room)
            self._in_doubt = False
            self._hungry = self._hungry and len(claimed) == room
            # In this order: a job may be in both, lost by one claim and taken up by the next.
            self._settle(batch, confirmed)
            self._begin(claimed)
        self._answer_the_wake_up()
        self._tell_room()

    def _write(self, batch: list[Outcome], room: int) -> tuple[Confirmed, list[Job]]:
        database = self._at.database
        try:
            with bounded_transaction(database, durable=bool(batch)):
                return recording.record(database, batch), self._claims.take(room, self.maintenance.worker_id)
        except recording.DATA_ERRORS:
            # One poisonous outcome must not hold up its neighbours; the claim can wait for the next turn.
            with bounded_transaction(database):
                return recording.record_split(database, batch), []

    def _settle(self, batch: list[Outcome], confirmed: Confirmed) -> None:
        for done in batch:
            self._held.pop(done.job.id, None)
            if done.job.rescues:
                self._look_at = 0.0  # there may be more that must run alone
            if done.job.id in confirmed:
                self._publisher.put(done, confirmed[done.job.id])
                self._expect_again(done)
            else:
                logger.warning("%s %s lost its lease; its outcome is not recorded.", done.job.task, done.job.id)
        self._unrecorded = [each for each in self._unrecorded if each.job.id in self._held]

    def _expect_again(self, done: Outcome) -> None:
        """A job that goes on is work to look for: at once, when its delay is over, or by somebody else."""
        if done.state is JobState.SCHEDULED:
            self._look_at = min(self._look_at, time.monotonic() + done.delay)
        elif done.state is JobState.READY and self._quiet:
            notifier.notify(done.job.queue, done.job.id)
        elif done.state is JobState.READY:
            self._hungry = True

    def _begin(self, claimed: list[Job]) -> None:
        for job in claimed:
            self._held[job.id] = job
            self._todo.put(job)

    def _answer_the_wake_up(self) -> None:
        woken, self._woken = self._woken, None
        if woken is None or self._quiet:
            return
        if self._hungry:
            # There may be more than this worker can take: let another one look.
            notifier.notify(woken.queue, woken.job_id)
        else:
            # It may have been about a SCHEDULED job, which is not for now but moves the next look.
            self._plan_next_look()

    def _room(self) -> int:
        finished = {each.job.id for each in self._unrecorded}
        return 0 if self._quiet else self._claims.room(self._held.values(), finished)

    def _look(self) -> None:
        """The poll: promote what fell due, and look for work whether or not a message came."""
        self._plan_next_look()
        if self._look_at <= time.monotonic():
            for name, job_id in claiming.promote(self._at.database, self._at.backend).items():
                if name not in self._at.queues:
                    notifier.notify(name, job_id)
            self._plan_next_look()
        self._claims.look_for_rescued()
        self._hungry = True

    def _plan_next_look(self) -> None:
        left = claiming.seconds_until_next_due(self._at.database, self._at.backend)
        poll = self._at.options.poll_interval
        self._look_at = time.monotonic() + (poll if left is None else min(poll, left))

    def _reconcile(self) -> None:
        """Settle what a broken connection left open: outcomes that were committed after all, claims never heard of."""
        database = self._at.database
        with bounded_transaction(database):
            known = recording.read_back(database, self._unrecorded)
            tokens = {job.claim_token for job in self._held.values() if job.claim_token}
            released = rescuing.release(database, self.maintenance.worker_id, keep=tokens)
        self._settle([each for each in self._unrecorded if each.job.id in known], known)
        self._in_doubt = False
        if released:
            logger.warning("%d claims whose answer was lost go back, no attempt spent.", released)
            self._hungry = True

    def _rescued(self, jobs: list[Job]) -> None:
        self._publisher.put_ended([job for job in jobs if job.is_finished])
        self._look_at = 0.0

    def _return_unstarted(self) -> None:
        try:
            while (job := self._todo.get_nowait()) is not None:
                self._unrecorded.append(outcome.returned(job))
        except queue.Empty:
            return

    def _tell_room(self) -> None:
        running = len(self._held) - len(self._unrecorded)
        self.idle.clear() if self._held else self.idle.set()
        if self._quiet:
            self.quiesced.set()
        has_room = not self._quiet and running < self._at.concurrency
        if has_room != self._had_room:
            self._had_room = has_room
            self._on_room(has_room)

    def _suffer(self, error: Exception) -> None:
        if not isinstance(error, DatabaseError):
            logger.exception("The ledger failed; it goes on.")
        self._paused_until = time.monotonic() + self._outage.failed(error)
        self.maintenance.interrupted()
        try:
            connections[self._at.database].close()
        except Exception:
            logger.debug("A broken connection could not be closed.", exc_info=True)

    def _leave(self) -> None:
        try:
            if not self._held:
                self.maintenance.leave()
        except DatabaseError as error:
            logger.warning("This worker's row stays behind (%s); others will see that it is dead.", error)
        connections[self._at.database].close()
