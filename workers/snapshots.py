"""Who holds back PostgreSQL's cleaning: one transaction left open slows every claim, for rows that are long gone."""

from dataclasses import dataclass

from django.db import connections

BOUND = 300.0
"""Seconds for which a snapshot may be held before somebody is told."""
OLDEST = """
    SELECT pid, coalesce(backend_xmin, backend_xid)::text,
           extract(epoch FROM statement_timestamp() - xact_start)::float, usename, application_name, state
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND coalesce(backend_xmin, backend_xid) IS NOT NULL
      -- Nobody's: autovacuum. What the others are may be hidden.
      AND usename IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
    ORDER BY age(coalesce(backend_xmin, backend_xid)) DESC, xact_start, pid LIMIT 1
"""


@dataclass(frozen=True)
class Snapshot:
    """What one session still sees. ``age`` in seconds and ``state`` are None when PostgreSQL hides them: the session
    is another user's, and ours has no pg_read_all_stats."""

    pid: int
    horizon: str
    """The first transaction that it may not see; rows deleted since cannot be cleaned away."""
    age: float | None
    user: str
    application: str
    state: str | None


def oldest(database: str) -> Snapshot | None:
    """The session that holds back cleaning in this database the most, other than this one; None: nobody does.

    PostgreSQL only. Weakness: prepared transactions, replication slots and standbys hold it back too, unseen.
    """
    with connections[database].cursor() as cursor:
        cursor.execute(OLDEST)
        row = cursor.fetchone()
    return row and Snapshot(*row)


def complaint(snapshot: Snapshot, age: float) -> str:
    """The sentence for people, with the cure."""
    known = [part for part in (snapshot.application, f"user {snapshot.user}", snapshot.state) if part]
    hidden = "" if snapshot.state else " To see more of it: GRANT pg_read_all_stats TO the workers' database user."
    return (
        f"PostgreSQL session {snapshot.pid} ({', '.join(known)}) has held a transaction open for {age / 60:.0f} min. "
        "Until it ends, outdated rows cannot be cleaned away, and claiming jobs gets slower and slower. Commit or roll "
        f"back there, or end it: SELECT pg_terminate_backend({snapshot.pid}). To bound such sessions: "
        f"idle_in_transaction_session_timeout.{hidden}"
    )


class SnapshotWatch:
    """Complains once of each session that holds a snapshot for longer than ``bound`` seconds.

    ``now`` is the observer's monotonic clock: where the age is hidden, it counts from when the snapshot was first seen.
    """

    def __init__(self, bound: float = BOUND) -> None:
        self._bound = bound
        self._seen: tuple[int, str] | None = None
        self._since = 0.0
        self._told: int | None = None

    def observe(self, found: Snapshot | None, now: float) -> str:
        """The complaint; empty when there is none to make."""
        if found is None or found.pid != self._told:
            self._told = None
        if found is None:
            self._seen = None
            return ""
        if self._seen != (found.pid, found.horizon):
            self._seen, self._since = (found.pid, found.horizon), now
        age = now - self._since if found.age is None else found.age
        if age < self._bound or found.pid == self._told:
            return ""
        self._told = found.pid
        return complaint(found, age)
