"""What the last hours were like, step by step, from what workers counted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from workers import clock
from workers.counted import Counted
from workers.measures import DONE, FAILED, RUN, WAIT
from workers.models import Tally
from workers.steps import MINUTE, StepsSince, start_of_step

SETTLING = MINUTE
"""Nothing is added to a minute that has been over for so long: workers count into the minute in which they write."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What happened from ``at`` on, for as long as a step lasts. Times in seconds, None where there is nothing to
    time."""

    at: datetime
    done: int = 0
    failed: int = 0
    wait_median: float | None = None
    wait_p95: float | None = None
    run_median: float | None = None
    run_p95: float | None = None

    @classmethod
    def of(cls, at: datetime, numbers: Counted) -> "StepFigures":
        return cls(
            at=at,
            done=numbers.number(*DONE),
            failed=numbers.number(*FAILED),
            wait_median=numbers.quantile(WAIT, 0.5),
            wait_p95=numbers.quantile(WAIT, 0.95),
            run_median=numbers.quantile(RUN, 0.5),
            run_p95=numbers.quantile(RUN, 0.95),
        )


OfQueues = Mapping[str, StepFigures]


class Histories:
    """The last ``minutes`` of every queue of a backend, in steps of ``step`` minutes, of which they are a multiple.

    Remembers what settled steps came to, so that only the first look reads them all. Not to be used by two threads at
    once.
    """

    def __init__(self, database: str, backend: str, minutes: int, step: int = 1) -> None:
        self._database, self._backend = database, backend
        self._steps, self._width = minutes // step, step * MINUTE
        self._settled: dict[datetime, OfQueues] = {}

    def read(self) -> dict[str, list[StepFigures]]:
        """Of each queue in which something was counted, oldest first, up to the step that is under way. The latest ten
        seconds may be missing."""
        now = clock.now(self._database)
        latest = start_of_step(now, self._width)
        starts = [latest - ago * self._width for ago in reversed(range(self._steps))]
        first = next(at for at in starts if at not in self._settled)
        known = {at: self._settled[at] for at in starts if at < first} | self._added_up(first)
        self._settled = {at: known.get(at, {}) for at in starts if at + self._width + SETTLING <= now}
        queues = {queue for of_queues in known.values() for queue in of_queues}
        return {queue: [known.get(at, {}).get(queue) or StepFigures(at) for at in starts] for queue in sorted(queues)}

    def _added_up(self, first: datetime) -> dict[datetime, OfQueues]:
        """What every step from ``first`` on came to, in one statement; a step in which nothing happened is left out."""
        rows = Tally.objects.using(self._database).filter(backend=self._backend, minute__gte=first)
        rows = rows.annotate(index=StepsSince("minute", first, self._width))
        numbers: defaultdict[int, defaultdict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        for queue, index, measure, count in rows.values_list("queue", "index", "measure").annotate(Sum("count")):
            numbers[index][queue][measure] = count
        return {
            (at := first + index * self._width): {
                queue: StepFigures.of(at, Counted(counts)) for queue, counts in of_queues.items()
            }
            for index, of_queues in numbers.items()
        }
