"""When a worker process ends to make room for a fresh one: after many jobs, or when it has grown."""

import os
import random
import resource
import sys
from dataclasses import dataclass, replace
from pathlib import Path

MEBIBYTE = 1024 * 1024
JITTER = 0.1


@dataclass(frozen=True)
class Limits:
    """Jobs, and mebibytes of resident memory, after which a process is recycled; None: never."""

    max_jobs: int | None = None
    max_memory: int | None = None

    def jittered(self, lot: float) -> "Limits":
        """Up to a tenth less, by a ``lot`` from 0 to 1, so that processes started together do not end together."""
        share = 1 - JITTER * lot
        return replace(
            self,
            max_jobs=self.max_jobs and max(1, round(self.max_jobs * share)),
            max_memory=self.max_memory and max(1, round(self.max_memory * share)),
        )

    def drawn(self) -> "Limits":
        return self.jittered(random.random())


UNLIMITED = Limits()


def why_recycle(limits: Limits, jobs: int, memory: int) -> str | None:
    """Why a process that has taken so many jobs and holds so many bytes should end; None: it may go on.

    Never before its first job: a limit below what an idle process needs would otherwise only start and end processes.
    """
    if not jobs:
        return None
    if limits.max_jobs and jobs >= limits.max_jobs:
        return f"it took {jobs} jobs, of at most {limits.max_jobs}"
    if limits.max_memory and memory > limits.max_memory * MEBIBYTE:
        return f"it holds {memory // MEBIBYTE} MB of memory, more than {limits.max_memory}"
    return None


def memory_held() -> int:
    """Bytes of resident memory of this process. Weakness: without /proc (macOS) the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")
