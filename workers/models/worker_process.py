"""A worker: one process that claims jobs, with its heartbeat."""

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WorkerProcess(models.Model):
    """Exists from before the first claim until after the last hand-back: a job held by no such row is lost."""

    id = models.CharField(max_length=64, primary_key=True, help_text=_("unique to this start of the process"))
    backend = models.CharField(max_length=32)
    hostname = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    queues: Any = models.JSONField(default=list)
    concurrency = models.PositiveIntegerField(help_text=_("slots"))
    started_at = models.DateTimeField(db_default=Now())
    # A counter and no time: who watches it needs no clock but its own.
    beat = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField(db_default=Now(), help_text=_("for people to read; never compared"))
    stopping = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.id
