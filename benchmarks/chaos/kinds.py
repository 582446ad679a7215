"""The kinds of jobs in the chaos: how often each is asked for, how long it takes, how it must end."""

import random
from dataclasses import dataclass

SUCCESSFUL, FAILED, DISCARDED = "SUCCESSFUL", "FAILED", "DISCARDED"
FINISHED = frozenset({SUCCESSFUL, FAILED, DISCARDED, "CANCELLED"})


@dataclass(frozen=True)
class Kind:
    """``share`` is relative. ``longest`` in seconds; ``attempts`` is exactly what the row must count at the end."""

    task: str
    share: int
    longest: float = 0.1
    ends: str = SUCCESSFUL
    attempts: int | None = None
    transactional: bool = False

    def seconds(self, rng: random.Random) -> float:
        return round(rng.uniform(0, self.longest), 3)


TASKS = "benchmarks.chaos.jobs.tasks"
KINDS = {
    "short": Kind(f"{TASKS}.work", 30, 0.05, attempts=1),
    "one of many": Kind(f"{TASKS}.work", 0, 0.002, attempts=1),
    "long": Kind(f"{TASKS}.toil", 3, 4, attempts=1),
    "coroutine": Kind(f"{TASKS}.idle", 12, 1, attempts=1),
    "long coroutine": Kind(f"{TASKS}.idle", 2, 5, attempts=1),
    "scheduled": Kind(f"{TASKS}.work", 8, attempts=1),
    "failing, then not": Kind(f"{TASKS}.stumble", 6, 0.05, attempts=3),
    "failing": Kind(f"{TASKS}.fail", 4, ends=FAILED, attempts=3),
    "snoozing": Kind(f"{TASKS}.doze", 4, attempts=1),
    "discarding": Kind(f"{TASKS}.refuse", 3, ends=DISCARDED, attempts=1),
    "timing out": Kind(f"{TASKS}.overrun", 1, ends=FAILED, attempts=1),
    "timing out, async": Kind(f"{TASKS}.oversleep", 1, ends=FAILED, attempts=1),
    "transactional": Kind(f"{TASKS}.settle", 15, 0.3, transactional=True),
    "transactional, async": Kind(f"{TASKS}.asettle", 8, 0.3, transactional=True),
    "rolled back": Kind(f"{TASKS}.work", 3),
    "renamed": Kind("catalogue.tasks.price", 5, attempts=1),
    "added": Kind("catalogue.tasks.announce", 4, attempts=1),
}
RENAMED = "catalogue.tasks.quote"
"""What the second release calls the task of the kind "renamed"."""
BURST = "one of many"
"""Asked for by the hundred in one transaction, just before the database goes."""
BURST_SIZE = 200
READY = "Asking for jobs."
"""What a producer says when it hears signals."""
WITHDRAWN = "rolled back"
"""Enqueued in a transaction that is then rolled back: it must never run."""


def choose(rng: random.Random, kinds: list[str]) -> str:
    return rng.choices(kinds, [KINDS[kind].share for kind in kinds])[0]
