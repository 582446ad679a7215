"""A queue that is paused: no worker claims from it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class QueuePause(models.Model):
    """Exists while the queue is paused. Every claim looks, so all workers obey at their next one."""

    backend = models.CharField(max_length=32)
    queue = models.CharField(max_length=100)
    paused_at = models.DateTimeField(db_default=Now())
    paused_by = models.CharField(max_length=255, default="", blank=True)

    class Meta:
        verbose_name = _("paused queue")
        constraints = [models.UniqueConstraint(name="workers_one_pause_per_queue", fields=["backend", "queue"])]

    def __str__(self) -> str:
        return self.queue
