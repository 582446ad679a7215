"""What every worker does beside its jobs: beat, watch the others' beats, rescue, prune. Nobody is the leader."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.db import connections, transaction

from workers import liveness, snapshots, tallies, unserved
from workers.assignment import Assignment
from workers.connection import bounded_transaction
from workers.glance import Glance, glance
from workers.inbox import Requests
from workers.lifecycle import pruning, rescuing
from workers.models import Job

logger = logging.getLogger("workers.maintenance")

RESCUE_INTERVAL = 30.0
UNSERVED_INTERVAL = 60.0
PRUNE_INTERVAL = 60.0
SNAPSHOT_INTERVAL = 60.0
TALLIES_INTERVAL = 300.0


@dataclass
class Chore:
    """Something to do every ``interval`` seconds of the monotonic clock, from ``due_at`` on."""

    run_once: Callable[[], object]
    interval: float
    due_at: float = 0.0


class Maintenance:
    """The chores of one worker, done on the ledger's thread and connection between two turns."""

    def __init__(
        self,
        assignment: Assignment,
        on_rescued: Callable[[list[Job]], None],
        on_called_off: Callable[[Requests], None] = lambda requests: None,
    ) -> None:
        self._at = assignment
        self._on_rescued = on_rescued
        self._on_called_off = on_called_off
        self._told_unserved: set[str] = set()
        self.worker_id = liveness.new_identity()
        self.registered = False
        self.stopping = False
        self.neighbours = 0
        """Other workers that were there at the last look."""
        options = assignment.options
        longest_gap = 3 * options.heartbeat_interval + 1
        self._watch = liveness.DeathWatch(options.heartbeat_bound, longest_gap)
        self._rescuing = Chore(self.rescue, RESCUE_INTERVAL)
        self._pruning = Chore(self.prune, PRUNE_INTERVAL, due_at=time.monotonic() + PRUNE_INTERVAL)
        self._pruning_tallies = Chore(self.prune_tallies, TALLIES_INTERVAL, due_at=time.monotonic() + TALLIES_INTERVAL)
        self.snapshot_watch = snapshots.SnapshotWatch()
        self._chores = [
            self._rescuing,
            Chore(self.warn_of_unserved_queues, UNSERVED_INTERVAL),
            self._pruning,
            self._pruning_tallies,
        ]
        if connections[assignment.database].vendor == "postgresql":
            self._chores.insert(0, Chore(self.warn_of_an_old_snapshot, SNAPSHOT_INTERVAL))

    @property
    def due_at(self) -> float:
        return min(chore.due_at for chore in self._chores)

    def register(self) -> None:
        """Write this worker's row, before its first claim."""
        at = self._at
        liveness.register(at.database, self.worker_id, at.backend, list(at.queues), at.concurrency)
        self.registered = True
        if at.embedded:
            self.rescue_from_the_dead_of_this_host()

    def run_due(self, now: float) -> None:
        for chore in self._chores:
            if chore.due_at <= now:
                # First, so that a chore that fails is not tried again at once.
                chore.due_at = now + chore.interval
                with bounded_transaction(self._at.database):
                    chore.run_once()

    def interrupted(self) -> None:
        """The database did not answer: what was observed before proves nobody's death."""
        self._watch.forget()

    def look(self) -> Glance:
        """Say "alive", and look around: what is called off is told, and workers that fell silent are buried.

        Was this worker declared dead? Then it goes on under a new id; what it held is no longer its own.
        """
        at = self._at
        seen = glance(at.database, at.backend, at.queues, self.worker_id, stopping=self.stopping)
        if not seen.known:
            logger.warning("Worker %s was declared dead and goes on under a new id.", self.worker_id)
            self.worker_id, self.registered = liveness.new_identity(), False
            self.register()
        elif seen.called_off:
            self._on_called_off(seen.called_off)
        self._bury_the_silent(seen.beats)
        return seen

    def rescue(self) -> int:
        """Take up one batch of jobs whose worker is no more; how many. A full batch calls for the next one at once."""
        at = self._at
        rescued = rescuing.rescue_orphans(at.database, at.backend, at.options.max_rescues)
        for job in rescued:
            logger.warning("%s %s lost its worker %s and is %s now.", job.task, job.id, job.worker_id, job.state)
        if len(rescued) == rescuing.BATCH:
            self._rescuing.due_at = 0.0
        if rescued:
            transaction.on_commit(partial(self._on_rescued, rescued), using=at.database)
        return len(rescued)

    def warn_of_unserved_queues(self) -> set[str]:
        """Say once of each queue that its due jobs wait for a worker that is not there."""
        at = self._at
        found = unserved.unserved(at.database, at.backend, at.options.heartbeat_bound)
        for name in found.keys() - self._told_unserved:
            logger.warning(unserved.complaint(at.backend, name, found[name]))
        self._told_unserved = set(found)
        return self._told_unserved

    def warn_of_an_old_snapshot(self) -> None:
        """Say once of each session that it keeps PostgreSQL from cleaning up."""
        if complaint := self.snapshot_watch.observe(snapshots.oldest(self._at.database), time.monotonic()):
            logger.warning(complaint)

    def prune(self) -> int:
        """Delete one batch of jobs past their keeping; how many. A full batch calls for the next one soon."""
        at = self._at
        pruned = pruning.prune(at.database, at.backend, at.options)
        if pruned == pruning.BATCH:
            self._pruning.due_at = time.monotonic() + 1
        return pruned

    def prune_tallies(self) -> int:
        """Delete one batch of old minutes' counts; how many. A full batch calls for the next one soon."""
        pruned = tallies.prune(self._at.database, self._at.backend)
        if pruned == tallies.BATCH:
            self._pruning_tallies.due_at = time.monotonic() + 1
        return pruned

    def rescue_from_the_dead_of_this_host(self) -> int:
        """Rescue at once what processes held here that are gone: the development server's, after a crash. Its
        reloads hand back what they hold themselves; a job that crashes it every time must not do so for ever."""
        at = self._at
        for worker_id in liveness.dead_on_this_host(at.database, at.backend):
            liveness.unregister(at.database, worker_id)
        return self.rescue()

    def leave(self) -> None:
        """Remove this worker's row, after its last job was given back."""
        liveness.unregister(self._at.database, self.worker_id)
        self.registered = False

    def _bury_the_silent(self, beats: Mapping[str, int]) -> None:
        self.neighbours = len(beats.keys() - {self.worker_id})
        dead = self._watch.observe(beats, time.monotonic())
        dead.pop(self.worker_id, None)
        if not dead:
            return
        at = self._at
        with bounded_transaction(at.database):
            buried = [each for each, beat in dead.items() if rescuing.bury(at.database, each, beat)]
            for each in buried:
                bound = at.options.heartbeat_bound
                logger.warning("Worker %s gave no sign of life for %g s and is declared dead.", each, bound)
            if buried:
                self.rescue()
