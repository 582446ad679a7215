"""An address that gets no mail from this site any more."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from invitations.models.normalized import normalize_email


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced", gettext_lazy("a mail to it bounced")
    COMPLAINED = "complained", gettext_lazy("its owner called a mail spam")
    UNSUBSCRIBED = "unsubscribed", gettext_lazy("its owner wants no more mails")
    BY_HAND = "by_hand", gettext_lazy("entered by hand")


class Suppression(models.Model):
    """``lifted_at``: an operator has decided that mails may go there again; the row stays, so that it is known why."""

    email = models.EmailField(gettext_lazy("email address"), unique=True)
    reason = models.CharField(max_length=16, choices=SuppressionReason, default=SuppressionReason.BY_HAND)
    detail = models.TextField(blank=True, help_text=gettext_lazy("the provider's words, or the operator's"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        # Before the form looks whether the address is there already.
        self.email = normalize_email(self.email)
