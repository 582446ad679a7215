"""What the tasks left behind: which job ran when, and in which process."""

import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mark import LENGTH

LOOK = 0.05


class Unfinished(Exception):
    """Not every job ran in time."""


@dataclass(frozen=True)
class Marks:
    path: Path

    def clear(self) -> None:
        # Emptied, not removed: processes have it open.
        self.path.touch()
        os.truncate(self.path, 0)

    def count(self) -> int:
        return self.path.stat().st_size // LENGTH

    def lines(self, first: int = 0) -> list[tuple[int, int, int]]:
        """(monotonic nanoseconds, job, pid) of every execution but the ``first`` so many, in order."""
        with self.path.open() as file:
            file.seek(first * LENGTH)
            text = file.read()
        # The last one may be half written.
        whole = text[: len(text) // LENGTH * LENGTH]
        return [(int(at), int(job), int(pid)) for at, job, pid in map(str.split, whole.splitlines())]

    def first_runs(self) -> dict[int, int]:
        """Job -> when it ran first."""
        runs: dict[int, int] = {}
        for at, job, _ in self.lines():
            runs.setdefault(job, at)
        return runs

    def wait_for(
        self, jobs: Collection[int], patience: float = 20, alive: Callable[[], bool] = lambda: True
    ) -> dict[int, int]:
        """First runs of all these jobs. Raises Unfinished after ``patience`` seconds in which nothing ran, or when
        nobody is left who could."""
        seen, deadline, reading = -1, time.monotonic() + patience, Reading(self, jobs)
        while True:
            count = self.count()
            if count >= len(jobs) and count != seen and reading.is_complete():
                return {job: reading.runs[job] for job in jobs}
            if count != seen:
                seen, deadline = count, time.monotonic() + patience
            elif time.monotonic() > deadline or not alive():
                reading.is_complete()
                ran = len(reading.runs)
                raise Unfinished(f"{ran:,} of {len(jobs):,} jobs ran; then nothing, or the workers ended")
            time.sleep(LOOK)


class Reading:
    """First runs of some jobs. Each line is read once: who counts must not take the processor from who is measured."""

    def __init__(self, marks: Marks, jobs: Collection[int]) -> None:
        self.runs: dict[int, int] = {}
        self._marks, self._missing, self._read = marks, set(jobs), 0

    def is_complete(self) -> bool:
        """Whether all of them have run by now."""
        lines = self._marks.lines(self._read)
        self._read += len(lines)
        for at, job, _ in lines:
            if job in self._missing:
                self._missing.remove(job)
                self.runs[job] = at
        return not self._missing
