"""Median and spread over the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.measures.figures import percentile


@dataclass(frozen=True)
class Spread:
    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.low == self.high:
            return number(self.middle)
        return f"{number(self.middle)} ({number(self.low)}–{number(self.high)})"


def number(value: float) -> str:
    """Three digits or more, and no more than they mean."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(runs: Sequence[Mapping[str, Any]], name: str) -> Spread | None:
    values = [run[name] for run in runs if name in run]
    return Spread(median(values), min(values), max(values)) if values else None


def latency(runs: Sequence[Mapping[str, Any]], name: str, per_cent: float) -> float | None:
    """Over the samples of all runs."""
    samples = [sample for run in runs for sample in run.get(name, [])]
    return percentile(samples, per_cent) if samples else None


def latency_spread(runs: Sequence[Mapping[str, Any]], name: str) -> Spread | None:
    """The median of the runs' medians."""
    medians = [median(run[name]) for run in runs if run.get(name)]
    return Spread(median(medians), min(medians), max(medians)) if medians else None
