"""Everything that this project is measured with alone, in turns."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.effort import Effort
from benchmarks.own import backlog, endurance, enqueue, flowing, growth, quiet, seen, useful
from benchmarks.stage import Stage

PARTS = ("enqueue", "producer", "growth", "seen", "useful", "endurance", "held", "backlog", "quiet")
ROUNDS = 10
ONCE = {"quiet", "backlog", "endurance", "held"}
"""Long ones, whose figure is no ratio of two rates; once is enough."""


class Suite:
    """``results``: what each run measured; ``failures``: sentences."""

    def __init__(self, stage: Stage, effort: Effort, only: Sequence[str], tell: Callable[[str], None]) -> None:
        self._effort, self._stage, self._tell = effort, stage, tell
        scale = effort.scale
        parts: dict[str, Callable[[], dict[str, float]]] = {
            "enqueue": lambda: enqueue.measure(stage, ROUNDS),
            "producer": lambda: flowing.measure(stage, scale),
            "growth": lambda: growth.measure(stage, scale),
            "seen": lambda: seen.measure(stage, scale),
            "useful": lambda: useful.measure(stage, scale),
            "endurance": lambda: endurance.measure(stage, scale),
            "held": lambda: endurance.measure_held(stage, scale),
            "backlog": lambda: backlog.measure(stage, scale),
            "quiet": lambda: quiet.measure(stage, effort.statements_seconds),
        }
        self._parts = {name: part for name, part in parts.items() if name in only}
        self.results: list[dict[str, Any]] = []
        self.failures: list[str] = []

    @staticmethod
    def steps(only: Sequence[str], effort: Effort) -> int:
        """How often ``tell`` will be called."""
        return sum(1 if name in ONCE else effort.runs for name in only) + ("growth" in only)

    def run(self) -> None:
        if "growth" in self._parts:
            self._tell("two million jobs are laid in")
            growth.prepare(self._stage, self._effort.scale)
        for run in range(self._effort.runs):
            self.results.append({})
            for name, part in self._parts.items():
                if run == 0 or name not in ONCE:
                    self._tell(f"{name}, run {run + 1}")
                    self._try(name, part)

    def _try(self, name: str, part: Callable[[], dict[str, float]]) -> None:
        try:
            self.results[-1] |= part()
        except Exception as error:
            self.failures.append(f"{name}: {type(error).__name__}: {str(error)[-2000:]}")
