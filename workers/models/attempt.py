"""One unsuccessful try at a job. A success leaves no row here: the job itself tells it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from workers.models.job import Job


class AttemptKind(models.TextChoices):
    """FAILED counts as an attempt, and DISCARDED where a worker is named; the others only tell what happened."""

    FAILED = "FAILED", _("failed")
    DISCARDED = "DISCARDED", _("discarded")
    WORKER_LOST = "LOST", _("worker lost")
    CANCELLED = "CANCELLED", _("cancelled")
    UNKNOWN_TASK = "UNKNOWN", _("task not known")


class Attempt(models.Model):
    """Kept for every failure, with what was raised, where, by which worker and when."""

    # Jobs are pruned in bulk together with their attempts, by the workers and not by the ORM's collector.
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="failures", db_constraint=False)
    kind = models.CharField(max_length=10, choices=AttemptKind, default=AttemptKind.FAILED)
    worker_id = models.CharField(max_length=64, default="")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(db_default=Now())
    exception_class_path = models.CharField(max_length=255)
    message = models.TextField(help_text=_("what the exception said"))
    traceback = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.exception_class_path}"
