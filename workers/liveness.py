"""Who is alive: heartbeats as counters, judged by the observer's own clock alone."""

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from django.db.models import F
from django.db.models.functions import Now

from workers.models import WorkerProcess


def new_identity() -> str:
    """An id unique to this start: host names and process ids are used again on Heroku and Kubernetes."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


def register(database: str, worker_id: str, backend: str, queues: list[str], concurrency: int) -> None:
    """Write the worker's row. Must be committed before the first claim: a job held by no row is an orphan."""
    row = WorkerProcess(
        id=worker_id,
        backend=backend,
        hostname=socket.gethostname(),
        pid=os.getpid(),
        queues=queues,
        concurrency=concurrency,
    )
    # A row of this id is our own: the answer to its COMMIT was lost.
    WorkerProcess.objects.using(database).bulk_create([row], ignore_conflicts=True)


def beat(database: str, worker_id: str, *, stopping: bool) -> bool:
    """Say "alive". False: the row is gone, so somebody declared this worker dead."""
    mine = WorkerProcess.objects.using(database).filter(id=worker_id)
    return bool(mine.update(beat=F("beat") + 1, beat_at=Now(), stopping=stopping))


def unregister(database: str, worker_id: str) -> None:
    WorkerProcess.objects.using(database).filter(id=worker_id).delete()


def beats(database: str, backend: str) -> dict[str, int]:
    """Every worker's counter."""
    return dict(WorkerProcess.objects.using(database).filter(backend=backend).values_list("id", "beat"))


def dead_on_this_host(database: str, backend: str) -> list[str]:
    """Workers of this host whose process is gone. Weakness: a process id that was used again hides one."""
    here = WorkerProcess.objects.using(database).filter(backend=backend, hostname=socket.gethostname())
    return [worker_id for worker_id, pid in here.values_list("id", "pid") if not _is_running(pid)]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Dead, and waited for by nobody: common in containers, whose first process reaps no orphans. Linux only."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"


class DeathWatch:
    """Declares a worker dead after seeing the same counter for ``bound`` seconds of uninterrupted successful reads.

    ``now`` is the observer's monotonic clock, so no two machines' clocks are ever compared, and an outage of the
    database, in which nobody can beat, makes nobody dead.
    """

    def __init__(self, bound: float, longest_gap: float) -> None:
        self._bound = bound
        self._longest_gap = longest_gap
        self._seen: dict[str, tuple[int, float]] = {}
        self._last_read: float | None = None

    def observe(self, beats: Mapping[str, int], now: float) -> dict[str, int]:
        """The dead among ``beats``, each with the counter it died at."""
        if self._last_read is None or now - self._last_read > self._longest_gap:
            self._seen.clear()
        self._last_read = now
        self._seen = {
            worker_id: (count, since)
            for worker_id, count in beats.items()
            for since in [self._since(worker_id, count, now)]
        }
        return {worker_id: count for worker_id, (count, since) in self._seen.items() if now - since >= self._bound}

    def forget(self) -> None:
        """A read failed: what was seen before it proves nothing."""
        self._last_read = None

    def _since(self, worker_id: str, count: int, now: float) -> float:
        seen_count, since = self._seen.get(worker_id, (None, now))
        return since if seen_count == count else now
