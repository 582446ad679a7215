"""How long a link is good, and when its reminder is due: pure functions of when its mail was handed over."""

from datetime import datetime, timedelta

from django.conf import settings


def expires_at(handed_over_at: datetime) -> datetime:
    """INVITATIONS_LIFETIME_DAYS later."""
    return handed_over_at + timedelta(days=settings.INVITATIONS_LIFETIME_DAYS)


def remind_at(expiry: datetime) -> datetime | None:
    """INVITATIONS_REMINDER_DAYS before; None with 0, which means no reminder."""
    days = settings.INVITATIONS_REMINDER_DAYS
    return expiry - timedelta(days=days) if days else None
