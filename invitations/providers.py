"""What differs between the mail providers, as far as a mail has to know it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from invitations.mail import name_of_mail
from invitations.models import Invitation

WITHOUT_METADATA = {"MailerSend", "Postal"}
WITHOUT_HEADERS = {"MailerSend"}
"""It takes headers of one's own from its largest customers only, and refuses the mail of all others."""
MARGIN = timedelta(minutes=1)
"""A try that begins has this long to reach the provider."""


def fit(message: EmailMultiAlternatives, invitation: Invitation, kind: str, mailer: Any) -> None:
    """Adds to the message what this provider makes use of, and takes away what it would refuse. ``kind``: invitation or
    reminder."""
    provider, name = getattr(mailer, "esp_name", ""), name_of_mail(invitation, kind)
    if provider and provider not in WITHOUT_METADATA:
        message.metadata = {"invitation": str(invitation.pk), "mail": name}  # type: ignore[attr-defined]
    if provider in WITHOUT_HEADERS:
        message.extra_headers = {}
    message.idempotency_key = name  # type: ignore[attr-defined]


def may_hand_over_again(first: datetime, now: datetime) -> bool:
    """Whether a mail first handed over at ``first``, and perhaps accepted, is surely sent once if handed over again."""
    window = getattr(import_string(settings.EMAIL_BACKEND), "KNOWN_AGAIN_FOR", 0)
    return window > 0 and now < first + timedelta(seconds=window) - MARGIN
