"""How many mails may go out: of one inviter, to one recipient, from one network address, on the whole site.

Each limit counts the rows by an index, inside the transaction that has just added to them; whoever refuses lets it roll
back. Weakness: two inviters at the same moment do not see each other's rows, and each may be one too many.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from invitations.models import Invitation, Resend
from workers.after_commit import after_commit

logger = logging.getLogger("invitations")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def check_one(sender: User, recipient: str, origin: str | None, now: datetime) -> None:
    """Of the mail that was just added. Raises ValidationError with the reason, and when to try again."""
    _check_window(
        mails(now - HOUR, Q(batch=None), sender=sender),
        _most("PER_HOUR"),
        HOUR,
        _("You have invited as many people as you may in an hour (%(most)d). Try again after %(when)s."),
    )
    if mails(now - DAY, email=recipient).count() > _most("PER_RECIPIENT"):
        # The exact time would tell when others have invited this address.
        raise ValidationError(_("This address cannot be invited at the moment. Try again in 24 hours."))
    _check_site_and_origin(origin, now)


def check_batch(sender: User, origin: str | None, now: datetime, added: int) -> None:
    """Of the batch that was just added, as a whole. Raises ValidationError as ``check_one``."""
    # Apart from single invitations: after a large batch one more person can still be invited.
    if added > _most("PER_DAY"):
        raise ValidationError(
            _("You may invite %(most)d people a day in batches, and these are %(added)d. Make the batch smaller.")
            % {"most": _most("PER_DAY"), "added": added}
        )
    _check_window(
        Invitation.objects.filter(sender=sender, batch__isnull=False, created_at__gte=now - DAY).values_list(
            "created_at", flat=True
        ),
        _most("PER_DAY"),
        DAY,
        _("That would be more than %(most)d people a day in your batches. Try again after %(when)s."),
    )
    _check_site_and_origin(origin, now)


def often_invited(recipients: Sequence[str], now: datetime) -> set[str]:
    """Those of the addresses to which no further mail may go today."""
    counts: dict[str, int] = {}
    for model in (Invitation, Resend):
        # No join: each email that is asked for is looked up in the index.
        found = model._default_manager.filter(email__in=recipients, created_at__gte=now - DAY).order_by()
        for email in found.values_list("email", flat=True):
            counts[email] = counts.get(email, 0) + 1
    return {email for email, count in counts.items() if count >= _most("PER_RECIPIENT")}


def mails(since: datetime, *narrower: Q, **of: Any) -> QuerySet[Any, Any]:
    """When each mail was asked for: invitations, of which ``narrower`` holds too, and what was sent again."""
    invited = Invitation.objects.filter(*narrower, created_at__gte=since, **of)
    resent = Resend.objects.filter(created_at__gte=since, **of)
    times = [rows.order_by().values_list("created_at", flat=True) for rows in (invited, resent)]  # type: ignore[attr-defined]
    return times[0].union(times[1], all=True)


def next_free(times: Sequence[datetime], most: int, window: timedelta) -> datetime | None:
    """When no more than ``most`` of these, oldest first, are younger than ``window``; None when that is so now."""
    surplus = len(times) - most
    return times[surplus - 1] + window if surplus > 0 else None


def _check_site_and_origin(origin: str | None, now: datetime) -> None:
    if origin:
        # What is sent again is not counted here: it has passed once, and counts for its sender and its recipient.
        _check_window(
            Invitation.objects.filter(origin=origin, created_at__gte=now - DAY).values_list("created_at", flat=True),
            _most("PER_ORIGIN"),
            DAY,
            _("Too many invitations come from your network. Try again after %(when)s."),
        )
    _check_site(now)


def _check_window(rows: QuerySet[Any, Any], most: int, window: timedelta, sentence: str) -> None:
    if rows.count() > most and (free := next_free(list(rows.order_by("created_at")), most, window)):
        raise ValidationError(sentence % {"most": most, "when": _spelled(free)})


def _check_site(now: datetime) -> None:
    """By the calendar's day, so that the alert comes once a day."""
    today = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + DAY
    count, most = mails(today).count(), _most("PER_SITE")
    if count > most:
        _alert(today.date(), most)
        raise ValidationError(
            _("This site sends no more invitations today. Try again after %s.")
            % _spelled(tomorrow - timedelta(minutes=1))
        )
    if count == most:
        after_commit(None, _alert, today.date(), most)


_alerted_on: date | None = None


def _alert(day: date, most: int) -> None:
    """Once a day, and process."""
    global _alerted_on
    if _alerted_on != day:
        _alerted_on = day
        logger.error(
            "The site's ceiling of %d invitations a day (INVITATIONS_PER_SITE) is reached on %s; nobody can invite "
            "until the next day. Look in the admin who invited so many, or raise it.",
            most,
            day,
        )


def _most(limit: str) -> int:
    return int(settings.INVITATION_LIMITS[limit])


def _spelled(time: datetime) -> str:
    """To the minute, rounded up: who comes back then is not refused again."""
    return date_format(localtime(time + timedelta(minutes=1)), "j M Y, H:i")
