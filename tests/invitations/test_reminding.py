"""The reminder: one more mail before the link expires, if there is still something to remind of."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from invitations import inviting, links
from invitations.mail import message_id
from invitations.models import Invitation, Suppression, SuppressionReason
from invitations.reminding import remind
from invitations.tasks import send_invite
from tests.invitations.running import read
from workers.models import Job, JobState
from workers.testing import assert_enqueued, drain, refute_enqueued


@pytest.fixture
def sent(invitation) -> Invitation:
    drain(raise_errors=True)
    assert len(mail.outbox) == 1
    return read(invitation)


def due(invitation: Invitation) -> dict:
    assert invitation.expires_at
    return {"now": invitation.expires_at - timedelta(days=2)}


def reminder_job() -> Job:
    return Job.objects.get(task=remind.module_path)


def test_it_is_planned_when_the_mail_is_sent_and_carries_no_secret(sent):
    assert_enqueued(remind, run_after=sent.expires_at - timedelta(days=2), queue="send-invite")
    assert reminder_job().args == [str(sent.pk), links.version(sent)]
    everything = str([*Job.objects.values()])
    assert links.token(sent) not in everything
    assert sent.key not in everything


def test_two_days_before_the_end_it_is_mailed_with_the_same_link_and_its_date(sent):
    drain(now=due(sent)["now"] - timedelta(minutes=1), raise_errors=True)
    assert len(mail.outbox) == 1
    drain(**due(sent), raise_errors=True)
    first, second = mail.outbox
    assert second.subject == "Reminder: Ada Lovelace invites you"
    assert second.to == ["guest@example.com"]
    for text in (second.body, second.alternatives[0][0]):
        assert links.address(sent) in text
        assert f"{sent.expires_at:%b %Y}" in text
    assert second.extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    found = read(sent)
    assert found.reminding_at <= found.reminded_at
    assert (found.state, found.message_id, found.expires_at) == ("sent", message_id(sent), sent.expires_at)


def test_with_zero_days_there_is_none(invitation, settings):
    settings.INVITATIONS_REMINDER_DAYS = 0
    drain(raise_errors=True)
    refute_enqueued(remind)


def test_it_is_mailed_once_however_often_the_job_runs(sent):
    drain(**due(sent), raise_errors=True)
    assert remind.call(str(sent.pk), links.version(sent)) == "already reminded"
    assert len(mail.outbox) == 2


def test_a_run_that_was_cut_off_is_never_repeated_blindly(sent):
    Invitation.objects.update(reminding_at=timezone.now())
    drain(**due(sent))
    assert reminder_job().state == JobState.DISCARDED
    assert len(mail.outbox) == 1
    assert read(sent).state == "sent"


def test_a_server_that_is_away_is_asked_again_later(sent, mail_server, settings):
    server = mail_server("defer")
    drain(**due(sent))
    assert reminder_job().state == JobState.SCHEDULED
    assert read(sent).reminding_at is None
    server.behaviour = "accept"
    drain(now=timezone.now() + timedelta(minutes=2))
    assert len(server.mails) == 1
    found = read(sent)
    assert found.reminded_at
    assert (found.state, found.error) == ("sent", "")


def test_a_server_that_hangs_up_over_it_leaves_it_unknown_and_is_not_asked_again(sent, mail_server):
    server = mail_server("drop")
    drain(**due(sent))
    assert reminder_job().state == JobState.DISCARDED
    assert read(sent).reminding_at is not None
    drain(scheduled=True)
    assert len(server.mails) == 1
    assert read(sent).state == "sent"


HINDRANCES = {
    "accepted": lambda sent: inviting.accept(sent),
    "revoked": lambda sent: inviting.revoke(sent.sender, sent.pk),
    "expired": lambda sent: Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1)),
    "bounced": lambda sent: Invitation.objects.update(bounced_at=timezone.now()),
    "complained": lambda sent: Invitation.objects.update(complained_at=timezone.now()),
    "unknown": lambda sent: Invitation.objects.update(sent_at=None),
    "deleted": lambda sent: Invitation.objects.all().delete(),
    "suppressed": lambda sent: Suppression.objects.create(
        email="GUEST@example.com", reason=SuppressionReason.UNSUBSCRIBED
    ),
}


@pytest.mark.parametrize("hindrance", HINDRANCES)
def test_nobody_is_reminded_of_what_is_over(sent, hindrance):
    HINDRANCES[hindrance](sent)
    drain(**due(sent), raise_errors=True)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("heard", ["delivered_at", "deferred_at", "opened_at"])
def test_whoever_has_the_mail_or_may_still_get_it_is_reminded(sent, heard):
    Invitation.objects.update(**{heard: timezone.now()})
    drain(**due(sent), raise_errors=True)
    assert len(mail.outbox) == 2


def test_an_address_that_may_be_mailed_again_is_reminded(sent):
    Suppression.objects.create(email=sent.email, lifted_at=timezone.now())
    drain(**due(sent), raise_errors=True)
    assert len(mail.outbox) == 2


def test_the_reminder_of_a_replaced_link_is_not_sent_and_that_of_the_new_one_is(ada, sent):
    inviting.send_again(ada, sent.pk)
    drain(queue="send-invite", raise_errors=True)
    new = read(sent)
    assert remind.call(str(sent.pk), links.version(sent)) == "the link is gone"
    drain(**due(new), raise_errors=True)
    assert len(mail.outbox) == 3
    assert links.address(new) in mail.outbox[2].body


def test_who_accepts_while_the_reminder_is_written_is_not_mailed(sent, monkeypatch):
    from invitations import mail as letters

    compose = letters.compose

    def accepted_meanwhile(invitation, name):
        inviting.accept(invitation)
        return compose(invitation, name)

    monkeypatch.setattr(letters, "compose", accepted_meanwhile)
    drain(**due(sent))
    assert len(mail.outbox) == 1


def test_send_invite_is_as_patient_as_remind():
    assert (send_invite.max_attempts, send_invite.timeout) == (remind.max_attempts, remind.timeout)
    assert send_invite.backoff == remind.backoff
