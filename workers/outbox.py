"""The outbox: outcomes that are not in the database yet."""

import time
from collections.abc import Collection, Iterator
from uuid import UUID

from workers.outcome import Outcome

LOCKED_FOR = 0.5
"""Seconds until an outcome whose row somebody else has locked is tried again."""


class Outbox:
    """Used by the ledger alone. What is set aside waits for another's lock, and holds up nothing that is put in."""

    def __init__(self) -> None:
        self._waiting: list[Outcome] = []
        self._aside: list[Outcome] = []
        self._aside_until = 0.0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._aside)

    def __iter__(self) -> Iterator[Outcome]:
        yield from self._waiting
        yield from self._aside

    @property
    def ids(self) -> set[UUID]:
        """Of the jobs that have ended so."""
        return {each.job.id for each in self}

    @property
    def due_at(self) -> float:
        """When there is something to write, by the monotonic clock."""
        if self._waiting:
            return 0.0
        return self._aside_until if self._aside else float("inf")

    @property
    def locks_are_known(self) -> bool:
        """Some rows are locked, so to wait for locks would be in vain."""
        return bool(self._aside)

    def put(self, outcome: Outcome) -> None:
        self._waiting.append(outcome)

    def batch(self) -> list[Outcome]:
        """What is to be written now."""
        return list(self) if time.monotonic() >= self._aside_until else list(self._waiting)

    def set_aside(self, batch: Collection[Outcome], locked: Collection[UUID]) -> None:
        """Of this batch these jobs' rows are locked by somebody else."""
        tried = {each.job.id for each in batch}
        self._waiting = [each for each in self._waiting if each.job.id not in locked]
        self._aside = [each for each in self._aside if each.job.id not in tried]
        self._aside += [each for each in batch if each.job.id in locked]
        self._aside_until = time.monotonic() + LOCKED_FOR if self._aside else 0.0

    def without_locked(self, batch: list[Outcome]) -> list[Outcome]:
        """Those of a batch that were not set aside."""
        if not self._aside:
            return batch
        aside = {each.job.id for each in self._aside}
        return [each for each in batch if each.job.id not in aside]

    def keep(self, held: Collection[UUID]) -> None:
        """Only the outcomes of these jobs are still to be written."""
        self._waiting = [each for each in self._waiting if each.job.id in held]
        self._aside = [each for each in self._aside if each.job.id in held]
