"""A queue's last hour and last day, as they are drawn on the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.safestring import SafeString

from workers.admin.charts import Layer, bars, lines
from workers.admin.rendering import briefly
from workers.histories import Histories, StepFigures
from workers.steps import EPOCH


@dataclass(frozen=True)
class Span:
    """So many ``minutes``, drawn in steps of ``step`` minutes."""

    name: str
    since: str
    minutes: int
    step: int
    lifetime: float
    """Seconds for which its charts are shown: workers write what they count every ten."""


HOUR = Span("last hour", "60 min ago", 60, 1, lifetime=10)
DAY = Span("last day", "24 h ago", 24 * 60, 20, lifetime=60)


@dataclass(frozen=True)
class Chart:
    """``legend``: the class and the name of each of its layers."""

    title: str
    legend: Sequence[tuple[str, str]]
    drawing: SafeString


COUNTS = (("good", "done"), ("bad", "failed"))
TIMES = (("middle", "median"), ("slow", "95th percentile"))


class Drawn:
    """The charts of every queue. Not to be drawn by two threads at once."""

    def __init__(self, database: str, backend: str, span: Span) -> None:
        self._histories, self._span = Histories(database, backend, span.minutes, span.step), span

    def __call__(self) -> dict[str, list[Chart]]:
        return {queue: charts(series, self._span) for queue, series in self._histories.read().items()}


@cache
def empty(span: Span) -> list[Chart]:
    """The charts of a queue in which nothing happened."""
    return charts([StepFigures(EPOCH)] * (span.minutes // span.step), span)


def charts(series: Sequence[StepFigures], span: Span) -> list[Chart]:
    """What ended, how long it had waited, and how long it ran: a chart of each."""
    waits = _times("Wait", span, [each.wait_median for each in series], [each.wait_p95 for each in series])
    runs = _times("Run time", span, [each.run_median for each in series], [each.run_p95 for each in series])
    return [_counts(span, [each.done for each in series], [each.failed for each in series]), waits, runs]


def _counts(span: Span, done: Sequence[int], failed: Sequence[int]) -> Chart:
    title = f"Ended per {'minute' if span.step == 1 else f'{span.step} minutes'}, {span.name}"
    told = f"{title}: {sum(done):,} done and {sum(failed):,} failed."
    layers = [Layer("good", done), Layer("bad", failed)]
    return Chart(title, COUNTS, bars(layers, told=told, since=span.since, spell="{:,.0f}".format))


def _times(heading: str, span: Span, median: Sequence[float | None], slow: Sequence[float | None]) -> Chart:
    title = f"{heading}, {span.name}"
    told = f"{title}: median {_lately(median)}; 95th percentile {_lately(slow)}, {_at_most(slow)}."
    if not any(value is not None for value in median):
        told = f"{title}: nothing was measured."
    layers = [Layer("slow", slow), Layer("middle", median)]
    return Chart(title, TIMES, lines(layers, told=told, since=span.since, spell=briefly))


def _lately(values: Sequence[float | None]) -> str:
    return f"{briefly(next((value for value in reversed(values) if value is not None), None))} lately"


def _at_most(values: Sequence[float | None]) -> str:
    return f"{briefly(max((value for value in values if value is not None), default=None))} at most"
