"""What the workers count: one row for each queue, minute and measure, so that no page counts jobs."""

from datetime import UTC, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The ``minute`` of the rows that sum up all others, those pruned included: they only grow."""


class Tally(models.Model):
    """Added to by every worker a few times a minute. ``measure`` is an outcome, a bucket of a histogram or a sum."""

    backend = models.CharField(max_length=32)
    queue = models.CharField(max_length=100)
    minute = models.DateTimeField(help_text=_("its beginning; 1970 for the sum since ever"))
    measure = models.CharField(max_length=24)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="workers_one_tally", fields=["backend", "minute", "queue", "measure"])
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.measure} {self.count}"
