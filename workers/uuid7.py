"""Job ids: UUIDs of version 7, which sort by the time they were made, so that new rows share index pages."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def _after_fork() -> None:
    # Two children that counted on from their parent's last id would make the same ones.
    global _lock, _last
    _lock, _last = threading.Lock(), 0


os.register_at_fork(after_in_child=_after_fork)


def uuid7() -> UUID:
    """A new id, greater than every id this process made before. RFC 9562, 6.2 method 1 (a 74-bit counter)."""
    global _last
    random = int.from_bytes(os.urandom(10)) >> 6
    value = (time.time_ns() // 1_000_000) << 74 | random
    with _lock:
        if value <= _last:
            value = _last + 1
        _last = value
    milliseconds, counter = value >> 74, value & (1 << 74) - 1
    return UUID(int=milliseconds << 80 | 7 << 76 | (counter >> 62) << 64 | 2 << 62 | counter & (1 << 62) - 1)
