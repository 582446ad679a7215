"""Which jobs a worker process has begun, in a small file that outlives it.

A process that is killed takes along what ran in it. What it had merely claimed ahead has no part in that, and whoever
takes its jobs over can tell the two apart, as long as it is on the same machine. What had ended and was not recorded
yet counts as not begun. The file stays behind when nobody takes over.
"""

import logging
import mmap
import os
import tempfile
from pathlib import Path
from uuid import UUID

logger = logging.getLogger("workers")

SIZE = 16
NOTHING = bytes(SIZE)


class Begun:
    """A place for each slot. Until ``open`` it is kept in memory alone, and so afterwards where no file can be."""

    def __init__(self, slots: int) -> None:
        self._length = slots * SIZE
        self._places: bytearray | mmap.mmap = bytearray(self._length)
        self._path: Path | None = None

    def open(self, worker_id: str) -> None:
        """From now on in a file, which only this user can read. Before the first job begins."""
        path = _path_of(worker_id)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            logger.info("What this worker begins is not kept in %s (%s).", path, error)
            return
        self._path = path
        try:
            os.ftruncate(descriptor, self._length)
            self._places = mmap.mmap(descriptor, self._length)
        finally:
            os.close(descriptor)

    def begin(self, slot: int, job_id: UUID) -> None:
        self._places[slot * SIZE : (slot + 1) * SIZE] = job_id.bytes

    def end(self, slot: int) -> None:
        self._places[slot * SIZE : (slot + 1) * SIZE] = NOTHING

    def close(self) -> None:
        """The process ends by itself, and has given back what it held."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def begun_by(worker_id: str) -> set[UUID] | None:
    """The jobs that ran in a worker when its process ended; None: nobody knows. To be asked once."""
    path = _path_of(worker_id)
    try:
        places = path.read_bytes()
        path.unlink()
    except OSError:
        return None
    found = (places[start : start + SIZE] for start in range(0, len(places), SIZE))
    return {UUID(bytes=place) for place in found if place != NOTHING}


def _path_of(worker_id: str) -> Path:
    return Path(tempfile.gettempdir()) / f"runworker-{worker_id}"
