"""What the mail provider told of a mail, each word of it once."""

from django.db import models
from django.utils import timezone

from invitations.models.invitation import Invitation


class ProviderEvent(models.Model):
    """A line of an invitation's life. ``event_id``: the provider's own, or one made from what it said; told again, it
    is the same row."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="provider_events")
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_told_once")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.provider})"
