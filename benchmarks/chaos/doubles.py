"""Which attempts were made although an earlier one was not over, or had already ended well; and the fault behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.chaos.records import Evidence, Execution, Fault

BY_DESIGN = frozenset({"Planned", "Snooze"})
"""What tasks raise to be run again."""
AWAKENING = 2.0
"""Seconds in which a worker that stood still may work on before its next beat tells it that it was declared dead."""
HANDING_OVER = 0.5
"""Seconds between the end of a task, as it tells it itself, and the outcome's arrival at the ledger, at worst."""


@dataclass(frozen=True)
class Double:
    """``second`` ran although ``first`` gave it no reason to. ``cause`` is None when nothing explains it."""

    first: Execution
    second: Execution
    why: str
    cause: Fault | None


def doubles(evidence: Evidence) -> Iterator[Double]:
    for executions in evidence.executions.values():
        for first, second in pairwise(sorted(executions, key=lambda each: each.began)):
            if why := unexpected(first, second):
                causes = [fault for fault in evidence.faults if explains(fault, first, second)]
                yield Double(first, second, why, max(causes, key=lambda fault: fault.began, default=None))


def explains(fault: Fault, first: Execution, second: Execution) -> bool:
    """Whether the fault was there between the two, hurt one of their workers, and may have kept the first from being
    recorded: who is asked politely records what ends in good time within the grace."""
    unaware = AWAKENING if fault.kind == "stopped" else 0.0
    if not (fault.overlaps(first.began - unaware, second.began) and fault.may_hurt(first.pid, second.pid)):
        return False
    in_good_time = fault.began + fault.grace - HANDING_OVER
    return not (fault.grace and first.end == "ok" and first.ended and first.ended < in_good_time)


def unexpected(first: Execution, second: Execution) -> str:
    """Why the second is more than a retry by design; empty when it is not."""
    if first.ended is None:
        return "the first left no end"
    if second.began < first.ended:
        return "while the first was still running"
    if first.end in BY_DESIGN:
        return ""
    return "although the first had ended well" if first.end == "ok" else f"after {first.end}"
