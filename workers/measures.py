"""What is counted of a queue, by the names under which ``Tally`` keeps it."""

from datetime import datetime
from typing import NamedTuple

from workers.histogram import BOUNDS
from workers.models import JobState
from workers.outcome import Outcome

RETRIED, SNOOZED, RESCUED, LEASE_LOST = "retried", "snoozed", "rescued", "lease lost"
MEASURE_OF = {
    JobState.SUCCESSFUL: "successful",
    JobState.FAILED: "failed",
    JobState.DISCARDED: "discarded",
    JobState.CANCELLED: "cancelled",
}
OUTCOMES = (*MEASURE_OF.values(), RETRIED, SNOOZED)
DONE, FAILED = ("successful",), ("failed", "discarded")
"""What the figures call done, and failed for good."""


class Duration(NamedTuple):
    """The measures of one histogram: how many in each bucket, and all their microseconds together."""

    buckets: tuple[str, ...]
    sum: str

    @classmethod
    def named(cls, name: str) -> "Duration":
        return cls(tuple(f"{name} {bound:g}" for bound in (*BOUNDS, float("inf"))), f"{name} sum")


WAIT = Duration.named("wait")
"""From the moment an attempt was due until it was claimed, both by the database's clock."""
RUN = Duration.named("run")
"""From the beginning of an attempt until its end: in its slot by the monotonic clock, or else by the database's."""


def measure_of(outcome: Outcome, finished_at: datetime | None) -> str | None:
    """What an outcome counts as; None: the job only went back, as if nothing had been."""
    if finished_at is not None:
        # Where it was to go on it was called off meanwhile.
        return MEASURE_OF.get(outcome.state, "cancelled")
    if outcome.attempts:
        return RETRIED
    return SNOOZED if outcome.snoozes else None
