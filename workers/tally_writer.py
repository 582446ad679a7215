"""Carries what was counted to the database, on a thread of its own.

A write waits while jobs hold every connection of the pool; what the publisher has to tell must not wait with it.
"""

import logging
import queue
import threading
from collections import Counter
from contextlib import suppress

from django.db import connections

from workers import tallies
from workers.tallies import Counted

logger = logging.getLogger("workers.tallies")


class TallyWriter:
    """Writes what it is handed at once, and what could not be written later, together with what came meanwhile.

    Weaknesses: what a process has counted and not written is lost when it is killed, or ends while the database does
    not answer; and a write whose answer was lost counts twice.
    """

    def __init__(self, database: str, backend: str) -> None:
        self._database = database
        self._backend = backend
        self._handed: queue.SimpleQueue[list[Counted] | None] = queue.SimpleQueue()
        self._unwritten: Counter[tuple[str, str]] = Counter()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="tallies", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, counted: list[Counted]) -> None:
        if counted:
            self._handed.put(counted)

    def close(self, timeout: float) -> None:
        """Write what is left, for at most ``timeout`` seconds."""
        self._handed.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        while (counted := self._next()) is not None:
            for name, measure, count in counted:
                self._unwritten[name, measure] += count
            self._write()
        self._write()

    def _next(self) -> list[Counted] | None:
        try:
            return self._handed.get(timeout=tallies.WRITE_INTERVAL if self._unwritten else None)
        except queue.Empty:
            return []

    def _write(self) -> None:
        if not self._unwritten:
            return
        counted = [(name, measure, count) for (name, measure), count in self._unwritten.items()]
        try:
            tallies.write(self._database, self._backend, counted)
        except Exception as error:
            if not self._failing:
                self._failing = True
                # Nothing is lost, and an outage is told louder by those who cannot work for it.
                logger.info("What was counted could not be written (%r) and is kept for the next time.", error)
        else:
            self._unwritten.clear()
            self._failing = False
        finally:
            with suppress(Exception):
                connections[self._database].close()
