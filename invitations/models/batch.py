"""Many invitations at once: what was pasted or uploaded, looked at before anything is sent, then sent together."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Batch(models.Model):
    """A preview until ``sent_at``: ``addresses`` are ``total`` pairs of an address and its mark (batches/marks.py).

    From then on its invitations are ``total`` rows of their own, and ``addresses`` are those that were left out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    note = models.TextField(max_length=500, blank=True)
    addresses = models.JSONField(default=list, editable=False)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        verbose_name_plural = "batches"
        permissions = [("see_members", "Can see which of the addresses to invite have an account")]
        indexes = [models.Index(fields=["sender", "-created_at"], name="batches_of_sender")]

    def __str__(self) -> str:
        return f"{self.total} addresses, {self.created_at:%Y-%m-%d %H:%M}"
