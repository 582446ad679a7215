"""The ledger: the one thread of a worker that talks to the database about jobs.

Each turn is one transaction: record what finished, claim what fits. While it is under way the next batch gathers, so
a single job is written at once and a thousand share their commits. No code of the user runs here.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connections

from workers import outcome
from workers.assignment import NO_ROOM, Assignment, Room
from workers.claims import Claims
from workers.connection import bounded_transaction, own_connection
from workers.group_commit import commit
from workers.inbox import Claimed, Order, Requests, Todo, Woken, take_back
from workers.lifecycle import recording, rescuing
from workers.lifecycle.recording import Confirmed
from workers.lookout import Lookout
from workers.maintenance import Chore, Maintenance
from workers.models import Job, JobState
from workers.notifier import notifier
from workers.outage import LONGEST_PAUSE, Outage, on_one_line
from workers.outbox import Outbox
from workers.outcome import Outcome
from workers.pace import LONGEST_UNSTARTED, Pace
from workers.publishing import Publisher
from workers.wake_ups import WakeUps

logger = logging.getLogger("workers.ledger")

RECONCILE_INTERVAL = 60.0
LINGER = 0.02
"""Seconds for which outcomes gather while the slots still have work that was claimed ahead."""


class Ledger:
    """Everything but the five methods at the top belongs to its own thread."""

    def __init__(
        self,
        assignment: Assignment,
        todo: Todo,
        publisher: Publisher,
        on_room: Callable[[Collection[str]], None],
        on_called_off: Callable[[Requests], None],
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
        self.recorded = 0  # jobs that ran and whose outcome is confirmed
        self.most_jobs: int | None = None  # to claim in all
        self.left_behind: set[UUID] = set()  # stay RUNNING when this worker ends, for whoever buries it
        self.maintenance = Maintenance(assignment, self._rescued, on_called_off)
        self._reconciling = Chore(self._reconcile, RECONCILE_INTERVAL, time.monotonic() + RECONCILE_INTERVAL)
        # No longer than a beat: whoever is back first must not take the others, who pause, for dead.
        self._outage = Outage("The database", min(LONGEST_PAUSE, assignment.options.heartbeat_interval))
        self.pace = Pace(assignment.concurrency)
        self._claims = Claims(assignment, self.pace)
        self._lookout = Lookout(assignment, self.maintenance, self._claims)
        self._wake_ups = WakeUps(self._claims, self._lookout)
        self._claimed_at = 0.0
        self._held: dict[UUID, Job] = {}
        self._outbox = Outbox()
        self._in_doubt = False
        self._quiet = False
        self._closing = False
        self._paused_until = 0.0
        self._open: Collection[str] = ()

    @property
    def taken(self) -> int:  # jobs that ran here, run or will run
        return self.recorded + len(self._held)

    @property
    def held(self) -> set[UUID]:  # claimed, and no outcome confirmed; may be asked from any thread
        return set(list(self._held))

    def start(self) -> None:
        self._thread.start()

    def wake(self, queue_name: str, job_id: str) -> None:
        self._inbox.put(Woken(queue_name, job_id))

    def finish(self, done: Outcome) -> None:
        self._inbox.put(done)

    def order(self, order: Order) -> None:
        self._inbox.put(order)

    def why_unready(self) -> str:
        """Why this worker takes no jobs as it should; "": it does."""
        return self._lookout.why_unready(time.monotonic())

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end after CLOSE; False: the database did not answer in time."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        own_connection(self._at.database)
        while not (self._closing and not self._outbox):
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
        if self._todo.qsize() >= self._at.concurrency and not self._quiet:
            # The slots have work for a while: a larger batch costs them nothing, and the database less.
            time.sleep(LINGER)
        now = time.monotonic()
        due = min(self._lookout.due_at, self.maintenance.due_at, self._reconciling.due_at, self._outbox.due_at)
        if not self._todo.empty():
            due = min(due, self._claimed_at + LONGEST_UNSTARTED)
        if self._appetite():
            due = now
        wait = max(due, self._paused_until) - now
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
                    self._outbox.put(item)
            case Woken():
                self._wake_ups.heard(item)
            case Order():
                self._obey(item)

    def _obey(self, order: Order) -> None:
        match order:
            case Order.LOOK:
                self._lookout.look_again()
            case Order.QUIESCE:
                self._quiet = self.maintenance.stopping = True
                self._return_unstarted()
            case Order.HAND_BACK:
                finished = self._outbox.ids | self.left_behind
                for job in [job for job_id, job in self._held.items() if job_id not in finished]:
                    self._outbox.put(outcome.interrupted(job))
            case Order.CLOSE:
                self._closing = True

    def _work(self) -> None:
        now = time.monotonic()
        if not self.maintenance.registered and not self._closing:
            self.maintenance.register()
        if self._in_doubt:
            self._reconcile()
        if not self._todo.empty() and now >= self._claimed_at + LONGEST_UNSTARTED:
            self._return_unstarted()
            self.pace.stalled()
        if now >= self._lookout.due_at and not self._closing:
            self._lookout.look()
        self._turn()
        if not self._closing:
            self.maintenance.run_due(now)
        if now >= self._reconciling.due_at:
            self._reconciling.due_at = now + self._reconciling.interval
            self._reconcile()
        self._outage.over()

    def _turn(self) -> None:
        """One transaction: record what finished, claim what fits."""
        self._claims.neighbours = self.maintenance.neighbours
        batch, room, claimed = self._outbox.batch(), self._appetite(), list[Job]()
        room = room if batch else self._claims.free_slots_first(room)
        if batch or room:
            self._in_doubt = True
            claim = partial(self._claims.take, room, self.maintenance.worker_id)
            if batch or not self._claims.in_one_statement(room):
                confirmed, claimed = commit(self._at.database, self._outbox, batch, claim)
            else:
                confirmed, claimed = {}, claim()
            self._in_doubt = False
            # In this order: a job may be in both, lost by one claim and taken up by the next.
            self._settle(self._outbox.without_locked(batch), confirmed)
            self._begin(claimed)
        if not self._quiet:
            self._wake_ups.answer(bool(claimed))
        self._tell_room()

    def _settle(self, batch: list[Outcome], confirmed: Confirmed) -> None:
        told, lost = [], list[Job]()
        for done in batch:
            self._held.pop(done.job.id, None)
            if done.job.rescues:
                self._lookout.look_again()  # there may be more that must run alone
            if done.job.id in confirmed:
                self.recorded += done.has_run
                told.append((done, confirmed[done.job.id]))
                self._expect_again(done)
            elif done.has_run:
                lost.append(done.job)
                logger.warning("%s %s lost its lease; its outcome is not recorded.", done.job.task, done.job.id)
        self._publisher.put(told)
        self._publisher.put_lost(lost)
        self._outbox.keep(self._held)

    def _expect_again(self, done: Outcome) -> None:
        """A job that goes on is work to look for: at once, when its delay is over, or by somebody else."""
        if done.state is JobState.SCHEDULED:
            self._lookout.look_again(done.delay)
        elif done.state is JobState.READY:
            notifier.notify(done.job.queue, done.job.id)
            self._claims.expect()

    def _begin(self, claimed: list[Job]) -> None:
        if claimed:
            self._claimed_at = time.monotonic()
        for job in claimed:
            self._held[job.id] = job
            self._todo.put(Claimed(job, self._claimed_at))

    def _appetite(self) -> Room:
        return NO_ROOM if self._quiet else self._limited(self._claims.appetite(self._held.values(), self._outbox.ids))

    def _limited(self, room: Room) -> Room:
        return room if self.most_jobs is None else room.at_most(self.most_jobs - self.taken)

    def _reconcile(self) -> None:
        """Settle what a broken connection left open: outcomes that were committed after all, claims never heard of."""
        database = self._at.database
        with bounded_transaction(database):
            known = recording.read_back(database, self._outbox)
            tokens = {job.claim_token for job in self._held.values() if job.claim_token}
            released = rescuing.release(database, self.maintenance.worker_id, keep=tokens)
        self._settle([each for each in self._outbox if each.job.id in known], known)
        self._in_doubt = False
        if released:
            logger.warning("%d claims whose answer was lost go back, no attempt spent.", len(released))
            self._publisher.put_ended(released)
            self._claims.expect()

    def _rescued(self, jobs: list[Job]) -> None:
        self._publisher.put_rescued(jobs)
        self._lookout.look_again()

    def _return_unstarted(self) -> None:
        for job in take_back(self._todo):
            self._outbox.put(outcome.returned(job))

    def _tell_room(self) -> None:
        self.idle.clear() if self._held else self.idle.set()
        if self._quiet:
            self.quiesced.set()
        room = NO_ROOM if self._quiet else self._limited(self._claims.room(self._held.values(), self._outbox.ids))
        if (queues := room.queues.keys() if room else ()) != self._open:
            self._open = queues
            self._on_room(queues)

    def _suffer(self, error: Exception) -> None:
        if not isinstance(error, DatabaseError):
            logger.exception("The ledger failed; it goes on.")
        self._paused_until = time.monotonic() + self._outage.failed(error)
        # Jobs use the same database: what began now would fail too.
        self._return_unstarted()
        self._claims.expect()
        self.maintenance.interrupted()
        try:
            connections[self._at.database].close()
        except Exception:
            logger.debug("A broken connection could not be closed.", exc_info=True)

    def _leave(self) -> None:
        try:
            if self.maintenance.registered and not self._held:
                self.maintenance.leave()
        except DatabaseError as error:
            logger.warning("This worker's row stays behind (%s); others will see it dead.", on_one_line(error))
        connections[self._at.database].close()
