"""One piece of news from a mail provider, read from anymail's event: somebody else's data, made fit for ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from anymail.signals import EventType, RejectReason
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from invitations.models import SuppressionReason, normalize_email
from invitations.one_line import one_line

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)

FIELDS = {
    EventType.DEFERRED: "deferred_at",
    EventType.DELIVERED: "delivered_at",
    EventType.OPENED: "opened_at",
    EventType.CLICKED: "opened_at",
    EventType.BOUNCED: "bounced_at",
    EventType.REJECTED: "bounced_at",
    EventType.FAILED: "bounced_at",
    EventType.COMPLAINED: "complained_at",
}
"""Kind of news -> the invitation's time that it gives."""
PROOFS = {EventType.QUEUED, EventType.SENT, *FIELDS} - {EventType.REJECTED, EventType.FAILED}
"""Whatever happened to the mail then: the provider had accepted it."""
SOFT = {"soft_bounce", "SoftBounce", "Transient", "Undetermined", "blocked"}
"""What Brevo, Postmark, Amazon SES, Resend and SendGrid call a bounce of this mail that says nothing of the address."""


@dataclass(frozen=True)
class News:
    """``mail`` is the name the mail was given (``name_of_mail``), ``reason`` the provider's words on one line."""

    provider: str
    event_id: str
    kind: str
    happened_at: datetime
    invitation_id: UUID | None
    mail: str
    message_id: str
    recipient: str
    reason: str
    suppression: SuppressionReason | None

    @property
    def field(self) -> str | None:
        return FIELDS.get(self.kind)

    @property
    def is_proof_of_sending(self) -> bool:
        return self.kind in PROOFS


def read(event: Any, provider: str, now: datetime) -> News:
    """Never raises, whatever the event holds."""
    kind, message_id = text(event.event_type)[:20], text(event.message_id)[:255]
    reason = text(event.mta_response or event.description)
    happened_at = moment(event.timestamp, now)
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    recipient = address(event.recipient)
    made = sha256(f"{kind}|{event.timestamp}|{message_id}|{recipient}|{reason}".encode()).hexdigest()
    given = text(event.event_id)
    return News(
        provider=text(provider)[:40],
        event_id=given if 0 < len(given) <= 200 else made,
        kind=kind,
        happened_at=happened_at,
        invitation_id=uuid(metadata.get("invitation")),
        mail=text(metadata.get("mail")),
        message_id=message_id,
        recipient=recipient,
        reason=reason,
        suppression=suppression(kind, event.reject_reason, is_soft(event.esp_event)),
    )


def suppression(kind: str, reject_reason: str | None, soft: bool) -> SuppressionReason | None:
    """Whether the address is to get no mail any more. A refusal of the provider's own policy says nothing of it."""
    if kind == EventType.COMPLAINED or reject_reason == RejectReason.SPAM:
        return SuppressionReason.COMPLAINED
    if kind == EventType.UNSUBSCRIBED or reject_reason == RejectReason.UNSUBSCRIBED:
        return SuppressionReason.UNSUBSCRIBED
    hard = {RejectReason.BOUNCED, RejectReason.INVALID}
    if kind == EventType.REJECTED and reject_reason in hard:
        return SuppressionReason.BOUNCED
    if kind == EventType.BOUNCED and reject_reason in {None, *hard} and not soft:
        return SuppressionReason.BOUNCED
    return None


def is_soft(raw: Any) -> bool:
    """Anymail calls every bounce one; the providers' own words tell the passing from the lasting."""
    if not isinstance(raw, Mapping):
        return False
    data = raw.get("data")
    told = [raw, raw.get("bounce"), data.get("bounce") if isinstance(data, Mapping) else None]
    words = [
        part.get(name) for part in told if isinstance(part, Mapping) for name in ("event", "Type", "type", "bounceType")
    ]
    return raw.get("hard_bounce") is False or any(isinstance(word, str) and word in SOFT for word in words)


def text(value: Any) -> str:
    return "" if value is None else one_line(str(value))


def address(value: Any) -> str:
    given = normalize_email(text(value))
    try:
        validate_email(given)
    except ValidationError:
        return ""
    return given


def moment(value: Any, now: datetime) -> datetime:
    """When it happened; a clock that is wrong, or none, is not believed."""
    if isinstance(value, datetime) and value.tzinfo is not None and EARLIEST <= value <= now:
        return value
    return now


def uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
