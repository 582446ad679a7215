"""How a queue stands: a row of the board's first table, and its charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString

from workers import compat, unserved
from workers.admin.history import Chart
from workers.admin.rendering import NOTHING, briefly, spelled
from workers.figures import QueueFigures


@dataclass(frozen=True)
class Standing:
    figures: QueueFigures
    charts: Sequence[Chart]
    """Empty where nothing happened for a day."""

    @property
    def name(self) -> str:
        """The queue's, with its backend's where that is not the one that goes without saying."""
        backend = self.figures.backend
        return (
            self.figures.queue if backend == compat.DEFAULT_TASK_BACKEND_ALIAS else f"{self.figures.queue} ({backend})"
        )

    @property
    def query(self) -> str:
        return urlencode({"queue": self.figures.queue})

    @property
    def state(self) -> SafeString:
        if self.figures.paused:
            return _state("wait", "paused")
        if self.figures.workers:
            return _state("good", "served")
        return _state("bad", "no worker") if self.figures.ready.number else _state("quiet", "no worker")

    @property
    def complaint(self) -> str:
        """Where jobs are due and nobody is there: the sentence with the cure."""
        due = self.figures.ready.number
        if not due or self.figures.workers or self.figures.paused:
            return ""
        return unserved.complaint(self.figures.backend, self.figures.queue, due)

    @property
    def oldest(self) -> str:
        age = self.figures.oldest_due
        return NOTHING if age is None else spelled(timedelta(seconds=age))

    @property
    def done(self) -> str:
        return _rate(self.figures.done_per_minute)

    @property
    def failed(self) -> str:
        return _rate(self.figures.failed_per_minute)

    @property
    def wait(self) -> str:
        return f"{briefly(self.figures.wait_median)} / {briefly(self.figures.wait_p95)}"

    @property
    def run(self) -> str:
        return f"{briefly(self.figures.run_median)} / {briefly(self.figures.run_p95)}"


def _state(tone: str, name: str) -> SafeString:
    return format_html('<span class="state state-{}">{}</span>', tone, name)


def _rate(per_minute: float) -> str:
    return f"{per_minute:,.0f}" if per_minute >= 10 or per_minute == round(per_minute) else f"{per_minute:.1f}"
