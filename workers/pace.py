"""How fast jobs go in this process, and so how many may be claimed ahead of a free slot.

Short jobs would otherwise wait for a round trip each. What is claimed ahead has not started: it can be given back.
"""

from collections import deque

AHEAD_FOR = 0.1
"""Seconds of work that may be claimed ahead."""
SHORT = 0.05
"""A task whose p95 is above this many seconds is never claimed ahead."""
MOST = 2000
"""Jobs claimed ahead at most: what a batch of this size costs in memory is known."""
REMEMBERED = 40
"""Durations kept of each task."""
LONGEST_UNSTARTED = 1.0
"""A job claimed ahead that has not started after this many seconds is handed back."""


class Pace:
    """Of a process with ``slots`` slots. ``ran`` is called by the slots, from their threads; the rest by the ledger."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._durations: dict[str, dict[str, deque[float]]] = {}
        self._stalled = False

    def ran(self, queue: str, task: str, seconds: float) -> None:
        """A job of this task ran for so long."""
        tasks = self._durations.setdefault(queue, {})
        durations = tasks.get(task)
        if durations is None:
            durations = tasks.setdefault(task, deque(maxlen=REMEMBERED))
        durations.append(seconds)
        self._stalled = False

    def stalled(self) -> None:
        """What was claimed ahead did not start in time: claim nothing ahead until a job has ended again."""
        self._stalled = True

    def ahead(self, queue: str) -> int:
        """Jobs of this queue that may be claimed beyond the free slots: as many as all slots do in AHEAD_FOR."""
        tasks = [durations.copy() for durations in list(self._durations.get(queue, {}).values())]
        if self._stalled or not tasks or not all(map(is_short, tasks)):
            return 0
        longest = max(sum(durations) / len(durations) for durations in tasks)
        return min(int(self._slots * AHEAD_FOR / max(longest, 1e-6)), MOST)


def is_short(durations: "deque[float]") -> bool:
    """Whether 95 of 100 of these took no longer than SHORT; a few are no ground to judge by, unless they were long."""
    ordered = sorted(durations)
    return ordered[int(0.95 * (len(ordered) - 1))] <= SHORT
