"""What the provider tells of a mail, written down: in any order, early, late, again, or of a mail nobody knows.

Each time keeps the first that was told, and the state has its rule about which counts (states.py): so nothing moves
backwards. An error here would only make the provider tell it again, so there is none but the database's own.
"""

from datetime import datetime
from typing import Any

from anymail.signals import tracking
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from invitations import links, mail, provider_news
from invitations.first_mail import FirstMail
from invitations.lifetime import expires_at
from invitations.models import Invitation, ProviderEvent
from invitations.provider_news import News
from invitations.suppressing import suppress
from workers.after_commit import after_commit
from workers.events import tell_pages_of

LONGEST_REASON = 500
MOST_EVENTS = 100
"""Lines kept of one invitation: a scanner that opens a mail for ever does not fill the table."""
WORST = ["deferred_at", "bounced_at", "complained_at"]
"""The times that have the provider's reason beside them; the reason kept is that of the last of these."""
TOLD = sorted(set(provider_news.FIELDS.values()))
CHANGING = [*TOLD, "provider_reason", "sent_at", "expires_at", "error", "message_id"]


@receiver(tracking, dispatch_uid="invitations.tracking")
def on_news(sender: Any, event: Any, esp_name: str, **kwargs: Any) -> None:
    write_down(provider_news.read(event, esp_name, timezone.now()))


@transaction.atomic
def write_down(news: News) -> None:
    """In one short transaction that locks the invitation, so that news of the same mail take turns."""
    invitation = find(news)
    if invitation is None:
        return
    reason = "" if links.token(invitation) in news.reason else news.reason[:LONGEST_REASON]
    keep(invitation, news, reason)
    current, was_sent = is_of_current_mail(invitation, news), invitation.sent_at is not None
    if current and (changed := apply(invitation, news, reason)):
        Invitation.objects.filter(pk=invitation.pk).update(**{name: getattr(invitation, name) for name in changed})
        if invitation.sent_at and not was_sent:
            # Whoever handed it over may have believed it refused, and planned nothing.
            FirstMail(invitation).plan(handed_over_at(invitation))
        after_commit(None, tell_pages_of, invitation.sender_id)
    if news.suppression and (address := news.recipient or (invitation.email if current else "")):
        suppress(address, news.suppression, reason, news.happened_at)


def find(news: News) -> Invitation | None:
    """By what the mail carried; by the provider's own id where it carries nothing."""
    rows = Invitation.objects.select_for_update()
    if news.invitation_id:
        return rows.filter(pk=news.invitation_id).first()
    return rows.filter(message_id=news.message_id).first() if news.message_id else None


def is_of_current_mail(invitation: Invitation, news: News) -> bool:
    """News of the mail before "Send again" are kept, and change nothing."""
    if news.mail:
        return news.mail == mail.name_of_mail(invitation)
    return bool(news.message_id) and news.message_id == invitation.message_id


def keep(invitation: Invitation, news: News, reason: str) -> None:
    if invitation.provider_events.count() < MOST_EVENTS:
        ProviderEvent.objects.get_or_create(
            provider=news.provider,
            event_id=news.event_id,
            defaults={
                "invitation": invitation,
                "kind": news.kind,
                "reason": reason,
                "happened_at": news.happened_at,
            },
        )


def apply(invitation: Invitation, news: News, reason: str) -> set[str]:
    """Changes the object as the news say, and returns which fields: none when they say nothing new."""
    before = {name: getattr(invitation, name) for name in CHANGING}
    if news.field:
        if news.field in WORST:
            invitation.provider_reason = weightier(invitation, news, reason)
        known = getattr(invitation, news.field)
        setattr(invitation, news.field, min(known or news.happened_at, news.happened_at))
    if news.is_proof_of_sending:
        settle(invitation, news)
    return {name for name in CHANGING if getattr(invitation, name) != before[name]}


def settle(invitation: Invitation, news: News) -> None:
    """The mail is sent, whatever the hand-over was told: its answer is lost, or still to come, or was wrong."""
    invitation.message_id = invitation.message_id or news.message_id
    if invitation.sending_at is None:
        invitation.sent_at = min(invitation.sent_at or news.happened_at, news.happened_at)
        # Never later than an operator has said.
        expiry = expires_at(handed_over_at(invitation))
        invitation.expires_at = min(invitation.expires_at or expiry, expiry)
    elif invitation.sent_at is None:
        invitation.sent_at = invitation.sending_at
    invitation.error = ""


def handed_over_at(invitation: Invitation) -> datetime:
    """Of a mail that was sent; not before there was an invitation, as a wrong clock tells it."""
    return max(invitation.sent_at or invitation.created_at, invitation.created_at)


def weightier(invitation: Invitation, news: News, reason: str) -> str:
    """Of two reasons the one of the worse news; of equally bad ones the earlier. So their order does not matter."""
    known = [name for name in WORST if getattr(invitation, name)]
    if not known or WORST.index(str(news.field)) > WORST.index(known[-1]):
        return reason
    if news.field != known[-1]:
        return invitation.provider_reason
    return min((getattr(invitation, known[-1]), invitation.provider_reason), (news.happened_at, reason))[1]
