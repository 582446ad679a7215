"""The lookout: sees work for which no message came, in time."""

import time

from workers.assignment import Assignment
from workers.claims import Claims
from workers.connection import bounded_transaction
from workers.lifecycle import claiming
from workers.maintenance import Maintenance
from workers.notifier import notifier

PROMOTED_BY_ANOTHER = 0.05
"""Seconds to wait when what is due is just being promoted by somebody else."""


class Lookout:
    """Looks every few seconds, and at the moment when the next SCHEDULED job falls due. Used by the ledger alone."""

    def __init__(self, assignment: Assignment, maintenance: Maintenance, claims: Claims) -> None:
        self._at = assignment
        self._maintenance = maintenance
        self._claims = claims
        self._interval = min(assignment.options.poll_interval, assignment.options.heartbeat_interval)
        self.due_at = 0.0
        self._seen_at = float("-inf")

    def look(self) -> None:
        """Say that this worker is alive, learn where work waits, and make READY what fell due."""
        seen = self._maintenance.look()
        self._seen_at = time.monotonic()
        self._claims.rescued_job_waits = seen.rescued_job_waits
        self._claims.expect(seen.ready)
        left = seen.seconds_to_next_due
        self._look_in(left)
        if left is not None and left <= 0:
            self._promote()

    def why_unready(self, now: float) -> str:
        """Why this worker takes no jobs as it should; "": it does. May be asked from any thread."""
        if self._maintenance.stopping:
            return "takes nothing new"
        if self._seen_at < 0:
            return "has not heard from the database yet"
        silence = now - self._seen_at
        if silence > self._at.options.heartbeat_bound:
            return f"has not heard from the database for {silence:.0f} s"
        return ""

    def look_again(self, seconds: float = 0) -> None:
        """Not later than in so many seconds."""
        self.due_at = min(self.due_at, time.monotonic() + seconds)

    def plan(self) -> None:
        """A SCHEDULED job may have come: be there when it falls due."""
        self._look_in(claiming.seconds_until_next_due(self._at.database, self._at.backend))

    def _look_in(self, seconds: float | None) -> None:
        self.due_at = time.monotonic() + (self._interval if seconds is None else min(self._interval, seconds))

    def _promote(self) -> None:
        at = self._at
        with bounded_transaction(at.database):
            promoted = claiming.promote(at.database, at.backend)
        for queue, job_id in promoted.items():
            if queue not in at.queues:
                notifier.notify(queue, job_id)
        self._claims.expect(promoted.keys() & set(at.queues))
        # There may be more.
        self.due_at = time.monotonic() + (0 if promoted else PROMOTED_BY_ANOTHER)
