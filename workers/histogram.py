"""Durations counted into buckets, from which a median can be read without keeping each of them."""

from bisect import bisect_left
from collections.abc import Sequence

BOUNDS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    *(60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0),
)
"""Seconds, each the most that its bucket holds; one bucket more holds what took longer still.

What was counted stays counted by the bounds of its time: whoever changes them breaks the sums since ever.
"""


class Histogram:
    """How many durations fell into each bucket, and how long they took together."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        if seconds < 0:
            seconds = 0.0  # the clock was set back
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


def quantile(counts: Sequence[int], share: float) -> float | None:
    """The duration that ``share`` (0 to 1) of those counted did not exceed; None when nothing was counted.

    Inside a bucket they are taken to lie evenly. Weakness: above the last bound it is the last bound.
    """
    total = sum(counts)
    if not total:
        return None
    rank, below = share * total, 0
    edges = (0.0, *BOUNDS, BOUNDS[-1])
    for lower, upper, count in zip(edges, edges[1:], counts, strict=True):
        if count and below + count >= rank:
            return lower + (upper - lower) * max(rank - below, 0.0) / count
        below += count
    return BOUNDS[-1]
