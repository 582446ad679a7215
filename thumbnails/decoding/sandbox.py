"""What a decoder may still do once it meets hostile bytes: compute, and write to the pipe it has."""

import ctypes
import resource
import signal
import sys
from contextlib import suppress
from math import ceil
from os import cpu_count

from thumbnails.limits import Limits

MEGABYTE = 1024 * 1024
MOST_WRITTEN = 64 * 1024
"""Bytes of what it complains of on stderr; and of any file, had it one."""
BYTES_PER_PIXEL = 24
"""Of address space: what the hungriest decoder needs, and half as much again."""
SPARE = 512 * MEGABYTE
"""For Python, its libraries, and the stacks of the encoders' threads."""
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38


def shut_in() -> None:
    """For good: no file and no socket can be opened, no core is left, no privilege gained, no sibling looked into.

    Weakness: it keeps out what opens files, not what attacks the kernel, nor, where the system lets any process of a
    user read another's memory (Linux: kernel.yama.ptrace_scope=0), what reads the worker's. What takes a decoder over
    sees the pictures that it is sent next, up to MOST_PICTURES. Without Linux the last two are missing.
    """
    # A terminal's Ctrl-C and a platform's SIGTERM reach every process; when this one ends its worker decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # What is open stays open.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def allow(limits: Limits) -> None:
    """Memory and processor time for one picture. The worker's own clock ends it before: this is for when the worker
    is no more."""
    # Where a platform refuses to limit memory, there is the clock.
    with suppress(ValueError, OSError):
        _lower(resource.RLIMIT_AS, SPARE + 2 * limits.max_bytes + BYTES_PER_PIXEL * limits.max_pixels)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime + limits.max_seconds * (cpu_count() or 1)) + 1)


def _lower(limit: int, most: int) -> None:
    """For the next picture, as far as whoever started the worker allows more."""
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
