"""How many mails may go out, and what is said to whoever asks for one more."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timezone import localtime

from invitations import limits
from invitations.batches import sending
from invitations.limits import next_free
from invitations.models import Invitation, Resend
from invitations.row_actions import ACTIONS
from invitations.within_limits import invite, send_again
from tests.invitations.running import end_job
from workers.models import Job, JobState

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def limited(settings, monkeypatch):
    monkeypatch.setattr(limits, "_alerted_on", None)

    def set_limits(**values: int) -> None:
        settings.INVITATION_LIMITS = settings.INVITATION_LIMITS | values

    return set_limits


@pytest.fixture
def grace(db) -> User:
    return User.objects.create_user("grace")


def fail(invitation: Invitation) -> Invitation:
    end_job(invitation, JobState.FAILED)
    return invitation


@pytest.mark.parametrize(
    ("minutes", "most", "free"),
    [([], 0, None), ([1, 2], 2, None), ([1, 2, 3], 2, 61), ([1, 2, 3, 4], 2, 62), ([1, 1, 1], 1, 61)],
)
def test_there_is_room_again_when_the_oldest_that_are_too_many_are_old_enough(minutes, most, free):
    times = [NOON + timedelta(minutes=minute) for minute in minutes]
    assert next_free(times, most, HOUR) == (NOON + timedelta(minutes=free) if free else None)


def test_an_inviter_who_has_reached_the_hours_limit_is_told_when_to_come_back(ada, limited):
    limited(PER_HOUR=2)
    first = invite(ada, "a@example.com")
    invite(ada, "b@example.com")
    Invitation.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(minutes=20))
    with pytest.raises(ValidationError) as refusal:
        invite(ada, "c@example.com")
    at = localtime(Invitation.objects.get(pk=first.pk).created_at + HOUR + timedelta(minutes=1))
    assert refusal.value.messages == [
        f"You have invited as many people as you may in an hour (2). Try again after {at:%-d %b %Y, %H:%M}."
    ]
    assert Invitation.objects.count() == Job.objects.count() == 2
    Invitation.objects.filter(pk=first.pk).update(created_at=timezone.now() - HOUR)
    invite(ada, "c@example.com")


def test_one_inviters_limit_is_not_anothers(ada, grace, limited):
    limited(PER_HOUR=1)
    invite(ada, "a@example.com")
    invite(grace, "b@example.com")


def test_a_batch_leaves_the_hours_limit_alone(ada, limited):
    limited(PER_HOUR=1)
    sending.send(ada, sending.prepare(ada, ["a@example.com", "b@example.com"]).pk)
    invite(ada, "c@example.com")


def test_what_is_sent_again_counts_for_its_sender(ada, limited):
    limited(PER_HOUR=2)
    invitation = fail(invite(ada, "a@example.com"))
    fail(send_again(ada, invitation.pk))
    with pytest.raises(ValidationError, match="as you may in an hour"):
        send_again(ada, invitation.pk)
    assert Job.objects.count() == 2
    with pytest.raises(ValidationError, match="as you may in an hour"):
        ACTIONS["send_again"](ada, invitation.pk, {})


def test_a_recipient_gets_no_more_than_so_many_from_all_together_and_nobody_learns_from_whom(ada, grace, limited):
    limited(PER_RECIPIENT=2)
    invite(grace, "guest@example.com")
    fail(invite(ada, "guest@example.com"))
    with pytest.raises(ValidationError) as refusal:
        invite(ada, "guest@example.com")
    assert refusal.value.messages == ["This address cannot be invited at the moment. Try again in 24 hours."]
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
    invite(ada, "guest@example.com")


def test_going_back_and_forth_between_two_addresses_counts_for_both(ada, limited):
    limited(PER_RECIPIENT=3)
    invitation = fail(invite(ada, "a@example.com"))
    with pytest.raises(ValidationError, match="cannot be invited at the moment"):
        for _ in range(3):
            fail(send_again(ada, invitation.pk, "b@example.com"))
            fail(send_again(ada, invitation.pk, "a@example.com"))
    assert Job.objects.count() <= 4


def test_a_network_address_has_its_limit_whoever_signs_in_there(ada, grace, limited):
    limited(PER_ORIGIN=1)
    invite(ada, "a@example.com", "192.0.2.1")
    with pytest.raises(ValidationError, match=r"Too many invitations come from your network\. Try again after \d"):
        invite(grace, "b@example.com", "192.0.2.1")
    invite(grace, "b@example.com", "192.0.2.2")
    invite(grace, "c@example.com", None)


def alerts(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.ERROR]


def test_the_sites_ceiling_alerts_once_a_day_when_it_is_reached(
    ada, grace, limited, caplog, django_capture_on_commit_callbacks
):
    limited(PER_SITE=2)
    with django_capture_on_commit_callbacks(execute=True):
        invite(ada, "a@example.com")
    assert alerts(caplog) == []
    with django_capture_on_commit_callbacks(execute=True):
        invite(grace, "b@example.com")
    assert len(alerts(caplog)) == 1
    assert "ceiling of 2 invitations a day (INVITATIONS_PER_SITE)" in alerts(caplog)[0]
    tomorrow = localtime() + timedelta(days=1)
    for _ in range(2):
        with pytest.raises(ValidationError) as refusal:
            invite(grace, "c@example.com")
        told = f"This site sends no more invitations today. Try again after {tomorrow:%-d %b %Y}, 00:00."
        assert refusal.value.messages == [told]
    assert len(alerts(caplog)) == 1
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
    invite(grace, "c@example.com")


def test_a_refusal_alerts_where_nobody_saw_the_ceiling_being_reached(ada, limited, caplog):
    limited(PER_SITE=1)
    with pytest.raises(ValidationError):
        sending.send(ada, sending.prepare(ada, ["a@example.com", "b@example.com"]).pk)
    assert len(alerts(caplog)) == 1
    assert not Invitation.objects.exists()


def test_what_the_limits_no_longer_count_is_not_kept(ada):
    invitation = fail(invite(ada, "a@example.com"))
    Resend.objects.create(sender=ada, email="old@example.com", created_at=timezone.now() - timedelta(days=2))
    send_again(ada, invitation.pk)
    assert [resend.email for resend in Resend.objects.all()] == ["a@example.com"]


def test_the_page_says_why_and_keeps_what_was_typed(client, ada, limited):
    limited(PER_HOUR=1)
    client.force_login(ada)
    client.post("/invitations/", {"email": "a@example.com"})
    answer = client.post("/invitations/", {"email": "b@example.com"})
    assert "Try again after" in answer.text
    assert 'value="b@example.com"' in answer.text
    assert Invitation.objects.count() == 1
