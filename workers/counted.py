"""What the workers have counted and written, read again: in some minutes, or since ever."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet, Sum

from workers.histogram import quantile
from workers.measures import Duration
from workers.models import Tally
from workers.models.tally import SINCE_EVER


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers by measure, as ``workers.tallies`` names them."""

    numbers: Mapping[str, int] = field(default_factory=dict)

    def number(self, *measures: str) -> int:
        """Of all these measures together."""
        return sum(self.numbers.get(measure, 0) for measure in measures)

    def buckets(self, duration: Duration) -> list[int]:
        return [self.numbers.get(measure, 0) for measure in duration.buckets]

    def seconds(self, duration: Duration) -> float:
        """All durations together."""
        return self.numbers.get(duration.sum, 0) / 1_000_000

    def quantile(self, duration: Duration, share: float) -> float | None:
        """Seconds; None: nothing was counted."""
        return quantile(self.buckets(duration), share)


def since_ever(database: str, backend: str) -> dict[str, Counted]:
    """Everything, of each queue: these numbers only grow."""
    return _of_each_queue(Tally.objects.using(database).filter(backend=backend, minute=SINCE_EVER))


def since(database: str, backend: str, minute: datetime) -> dict[str, Counted]:
    """Of each queue, from this minute on."""
    return _of_each_queue(Tally.objects.using(database).filter(backend=backend, minute__gte=minute))


def _of_each_queue(rows: "QuerySet[Tally]") -> dict[str, Counted]:
    numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for queue, measure, count in rows.values_list("queue", "measure").annotate(Sum("count")):
        numbers[queue][measure] = count
    return {queue: Counted(counts) for queue, counts in numbers.items()}
