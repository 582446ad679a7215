"""How many invitations were sent, delivered and accepted on each of the last thirty days, drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from invitations.models import Invitation
from workers.admin.charts import Layer, bars

DAYS = 30
LIVES = timedelta(days=60)
"""Invitations older than that when the chart begins are not looked through: they have expired, and are seldom sent
again."""


@dataclass(frozen=True)
class Chart:
    title: str
    drawing: SafeString


def charts(now: datetime) -> Iterator[Chart]:
    """Of all invitations, however the list is filtered. By the calendar's days, today last."""
    days = [localtime(now).date() - timedelta(days=ago) for ago in reversed(range(DAYS))]
    begin = (localtime(now) - timedelta(days=DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for field, title in (("sent_at", _("Sent")), ("delivered_at", _("Delivered")), ("accepted_at", _("Accepted"))):
        counts = per_day(field, begin)
        yield Chart(title, drawn(title, [counts.get(day, 0) for day in days]))


def per_day(field: str, begin: datetime) -> dict[date, int]:
    lately = Invitation.objects.filter(created_at__gte=begin - LIVES, **{f"{field}__gte": begin}).order_by()
    return dict(lately.values_list(TruncDate(field)).annotate(Count("pk")))


def drawn(title: str, counts: Sequence[int]) -> SafeString:
    told = _("%(title)s in the last %(days)d days: %(total)d, of which %(today)d today.")
    words = told % {"title": title, "days": len(counts), "total": sum(counts), "today": counts[-1]}
    since = _("%d days ago") % (len(counts) - 1)
    return bars([Layer("good", counts)], told=words, since=since, spell=lambda number: f"{number:,.0f}")
