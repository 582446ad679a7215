"""The times of an invitation's life, as its inviter reads them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from invitations.states import InvitationState

NAMED = {
    "created_at": gettext_lazy("invited"),
    "sent_at": gettext_lazy("sent"),
    "deferred_at": gettext_lazy("delayed"),
    "delivered_at": gettext_lazy("delivered"),
    "opened_at": gettext_lazy("opened"),
    "bounced_at": gettext_lazy("bounced"),
    "complained_at": gettext_lazy("called spam"),
    "reminded_at": gettext_lazy("reminded"),
    "accepted_at": gettext_lazy("accepted"),
    "revoked_at": gettext_lazy("revoked"),
}


def times_of(invitation: Any) -> list[tuple[Any, datetime]]:
    """What happened and when, in the order of time; at the end when the link dies, as long as that matters."""
    happened = [(name, at) for field, name in NAMED.items() if (at := getattr(invitation, field))]
    # Stable: of the same moment, what is named first comes first.
    return [*sorted(happened, key=lambda each: each[1]), *_end(invitation)]


def _end(invitation: Any) -> Iterator[tuple[Any, datetime]]:
    if invitation.expires_at and not (invitation.accepted_at or invitation.revoked_at):
        over = invitation.state == InvitationState.EXPIRED
        yield (gettext_lazy("expired") if over else gettext_lazy("expires")), invitation.expires_at
