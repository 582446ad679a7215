"""A mail that was told to be refused, and that the provider then tells of: it was sent, and its link has its days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from invitations import links
from invitations.expiring import tell_of_expiry
from invitations.models import Invitation
from invitations.reminding import remind
from tests.invitations.running import attempt, read
from tests.invitations.test_news_in_any_order import tell
from workers import Retry
from workers.models import Job
from workers.testing import assert_enqueued, refute_enqueued

WEEK = timedelta(days=7)
NOW = timezone.now()
HOUR = timedelta(hours=1)


def reminders() -> int:
    return Job.objects.filter(task=remind.module_path).count()


@pytest.fixture
def refused(invitation, mail_server) -> Invitation:
    mail_server("defer")
    with pytest.raises(Retry):
        attempt(invitation)
    assert read(invitation).expires_at is None
    Invitation.objects.update(created_at=NOW - 3 * HOUR)
    return read(invitation)


def test_its_days_are_counted_from_what_was_told_first_and_its_reminder_is_planned(refused):
    refute_enqueued(remind)
    tell(refused, {"event_type": "delivered", "timestamp": NOW - HOUR})
    tell(refused, {"event_type": "sent", "timestamp": NOW - 2 * HOUR})
    found = read(refused)
    assert (found.state, found.sent_at, found.expires_at) == ("delivered", NOW - 2 * HOUR, NOW - 2 * HOUR + WEEK)
    assert_enqueued(tell_of_expiry, args=[str(refused.pk)])
    assert_enqueued(remind, args=[str(refused.pk), links.version(refused)])


def test_it_is_planned_once_however_much_is_told(refused):
    for kind in ("delivered", "delivered", "opened", "sent"):
        tell(refused, {"event_type": kind, "timestamp": NOW - HOUR})
    assert reminders() == 1


def test_what_an_operator_has_ended_stays_ended(refused):
    Invitation.objects.update(expires_at=NOW - HOUR)
    tell(refused, {"event_type": "delivered", "timestamp": NOW - 2 * HOUR})
    found = read(refused)
    assert (found.state, found.expires_at) == ("expired", NOW - HOUR)


def test_a_mail_that_is_known_to_be_sent_is_planned_by_its_own_run_alone(invitation):
    attempt(invitation)
    before = read(invitation).expires_at
    tell(invitation, {"event_type": "delivered", "timestamp": NOW})
    assert reminders() == 1
    assert read(invitation).expires_at == before
