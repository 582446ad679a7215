"""A mail beyond an invitation's first: what the limits count beside the invitations themselves."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Resend(models.Model):
    """Only of the last day or so: older ones of a sender are deleted when there is a new one."""

    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    email = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["sender", "-created_at"], name="resends_of_sender"),
            models.Index(fields=["email", "-created_at"], name="resends_to_recipient"),
            models.Index(fields=["-created_at"], name="resends_by_time"),
        ]

    def __str__(self) -> str:
        return self.email
