"""The list of addresses that get no mail any more: who is put on it, and who asks it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations.models import Suppression, SuppressionReason, normalize_email

WEIGHT = [
    SuppressionReason.BY_HAND,
    SuppressionReason.BOUNCED,
    SuppressionReason.UNSUBSCRIBED,
    SuppressionReason.COMPLAINED,
]


class Suppressed(ValidationError):
    """No mail may go to this address."""


def is_suppressed(email: str) -> bool:
    return Suppression.objects.filter(email=normalize_email(email), lifted_at=None).exists()


def refuse(email: str) -> None:
    """Raises Suppressed, with a sentence for the inviter, when the address is on the list."""
    found = Suppression.objects.filter(email=normalize_email(email), lifted_at=None).first()
    if found is not None:
        raise Suppressed(
            _("No mail goes to %(email)s any more: %(reason)s. Whoever runs this site can lift that.")
            % {"email": found.email, "reason": found.get_reason_display()}
        )


@transaction.atomic
def suppress(email: str, reason: SuppressionReason, detail: str = "", happened_at: datetime | None = None) -> None:
    """Puts the address on the list; there already, it stays with the weightiest of its reasons.

    What had happened before an operator lifted it, and is told late or again, does not put it back.
    """
    happened_at = happened_at or timezone.now()
    found, is_new = Suppression.objects.select_for_update().get_or_create(
        email=normalize_email(email), defaults={"reason": reason, "detail": detail}
    )
    if found.lifted_at is None:
        changes = not is_new and WEIGHT.index(reason) > WEIGHT.index(SuppressionReason(found.reason))
    else:
        changes = found.lifted_at < happened_at
    if changes:
        found.reason, found.detail, found.lifted_at = reason, detail, None
        found.save(update_fields=["reason", "detail", "lifted_at"])
