"""A producer: a process that asks for jobs, as a web process would, and keeps its own account of what it asked for.

``python -m benchmarks.chaos.producer NAME SEED RATE``; SIGUSR1 asks it for a burst, SIGTERM ends it.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.db import close_old_connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from benchmarks.chaos.kinds import BURST, BURST_SIZE, KINDS, READY, RENAMED, WITHDRAWN, choose
from benchmarks.chaos.marks import FOLDER, requests
from workers import enqueue_many

HESITATION = 0.2


class RolledBack(Exception):
    """Ends a transaction, on purpose."""


class Producer:
    def __init__(self, name: str, seed: str, rate: float) -> None:
        self._name = name
        self._rate = rate
        self._rng = random.Random(seed)
        self._book = requests(Path(os.environ[FOLDER]))
        self._tasks = {kind: task for kind in KINDS if (task := _task_of(kind)) is not None}
        self._running = True
        self._bursts = 0
        self._number = 0

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGUSR1, self._expect_burst)
        print(READY, flush=True)
        while self._running:
            if self._bursts:
                self._bursts -= 1
                self._ask_for_many()
            self._ask_for_one()
            time.sleep(self._rng.expovariate(self._rate))

    def _stop(self, *_: Any) -> None:
        self._running = False

    def _expect_burst(self, *_: Any) -> None:
        self._bursts += 1

    def _ask_for_one(self) -> None:
        kind = choose(self._rng, list(self._tasks))
        delay = self._rng.uniform(0.5, 4) if kind in {"scheduled", "snoozing"} else 0
        due = time.monotonic() + delay
        task = self._tasks[kind].using(priority=self._rng.choice([-10, 0, 0, 0, 10]))
        if kind == "scheduled":
            task = task.using(run_after=timezone.now() + timedelta(seconds=delay))
        argument = due if kind == "snoozing" else KINDS[kind].seconds(self._rng)
        key = self._intend(kind, due if kind == "scheduled" else None)
        with self._booking([key]), transaction.atomic():
            task.enqueue(key, argument)
            if kind == WITHDRAWN:
                raise RolledBack

    def _ask_for_many(self) -> None:
        keys = [self._intend(BURST) for _ in range(BURST_SIZE)]
        with self._booking(keys):
            enqueue_many(self._tasks[BURST], [((key, KINDS[BURST].seconds(self._rng)), {}) for key in keys])

    def _intend(self, kind: str, due: float | None = None) -> str:
        self._number += 1
        key = f"{self._name}-{os.getpid()}-{self._number}"
        self._book.add(event="intended", key=key, kind=kind, due=due)
        return key

    @contextmanager
    def _booking(self, keys: list[str]) -> Iterator[None]:
        """Note what became of these: they commit together, or none does."""
        event = "committed"
        try:
            yield
        except RolledBack:
            event = "withdrawn"
        except Exception as error:
            # The answer to a COMMIT may be what was lost: the jobs may be there.
            event = "doubted"
            print(f"{keys[0]} and {len(keys) - 1} more: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            time.sleep(HESITATION)
        for key in keys:
            self._book.add(event=event, key=key)
        # As at the end of a request.
        close_old_connections()


def _task_of(kind: str) -> Any:
    """None when this release has no such task."""
    for path in (KINDS[kind].task, *([RENAMED] if kind == "renamed" else [])):
        try:
            return import_string(path)
        except ImportError:
            continue
    return None


if __name__ == "__main__":
    django.setup()
    Producer(sys.argv[1], sys.argv[2], float(sys.argv[3])).run()
