"""A link's days: counted from the hand-over, taken back with it, and told when they are over."""

from contextlib import nullcontext
from datetime import timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from invitations import inviting
from invitations.expiring import tell_of_expiry
from invitations.inviting import invite, send_again
from invitations.models import Invitation
from invitations.tasks import CUT_OFF
from tests.invitations.guest import open_link
from tests.invitations.running import attempt, end_job, read
from tests.live_page import live_page, on_one_loop, sync
from workers import Discard, Retry
from workers.models import JobState
from workers.testing import assert_enqueued, drain, refute_enqueued

WEEK = timedelta(days=7)


def expire() -> None:
    """As if the days had passed."""
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_the_days_are_counted_from_the_hand_over(invitation, settings):
    settings.INVITATIONS_LIFETIME_DAYS = 3
    assert invitation.expires_at is None
    drain(raise_errors=True)
    sent = read(invitation)
    assert sent.expires_at == sent.sending_at + timedelta(days=3)
    assert "The link is good for 3 days" in mail.outbox[0].body


def test_one_day_is_one_day(invitation, settings):
    settings.INVITATIONS_LIFETIME_DAYS, settings.INVITATIONS_REMINDER_DAYS = 1, 0
    attempt(invitation)
    assert "The link is good for 1 day and" in mail.outbox[0].body


def test_a_mail_that_was_refused_has_no_days(invitation, mail_server):
    mail_server("defer")
    with pytest.raises(Retry):
        attempt(invitation)
    assert read(invitation).expires_at is None
    refute_enqueued(tell_of_expiry)


@pytest.mark.parametrize("behaviour", ["drop", "cut off"])
def test_a_mail_that_may_have_been_sent_expires_too(invitation, mail_server, behaviour):
    if behaviour == "cut off":
        # As a worker leaves it that is killed between the mark and the answer.
        now = timezone.now()
        Invitation.objects.update(sending_at=now, expires_at=now + WEEK)
    else:
        mail_server(behaviour)
    with pytest.raises(Discard, match=CUT_OFF[:20]):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    found = read(invitation)
    assert (found.state, found.expires_at) == ("unknown", found.sending_at + WEEK)
    assert_enqueued(tell_of_expiry, args=[str(invitation.pk)])
    expire()
    assert read(invitation).state == "expired"


def test_an_expired_invitation_says_what_to_do_and_may_be_sent_again_or_made_anew(client, ada, invitation):
    drain(raise_errors=True)
    expire()
    client.force_login(ada)
    shown = client.get(reverse("invitations:list")).text
    assert "It was not accepted in time, and its link is dead." in shown
    assert reverse("invitations:send_again", args=[invitation.pk]) in shown
    assert reverse("invitations:revoke", args=[invitation.pk]) not in shown
    assert open_link(client, invitation).status_code == 404
    invite(ada, "guest@example.com")


def test_no_expiry_undoes_an_acceptance(ada, invitation):
    drain(raise_errors=True)
    assert inviting.accept(invitation)
    expire()
    assert read(invitation).state == "accepted"


def test_what_expired_before_its_mail_was_sent_is_not_mailed(invitation):
    expire()
    with pytest.raises(Discard, match="expired before its mail was sent"):
        attempt(invitation)
    assert mail.outbox == []
    assert read(invitation).state == "expired"


class ExpiredMeanwhile:
    """An operator ends the invitation at a chosen moment of the hand-over."""

    moment = ""
    refusal: Exception | None = None

    def __init__(self, **options):
        pass

    def open(self):
        if self.moment == "before":
            expire()

    def send_messages(self, messages):
        if self.moment == "during":
            expire()
        if self.refusal:
            raise self.refusal
        return len(messages)

    def close(self):
        pass


@pytest.mark.parametrize(
    ("moment", "refusal", "outcome"),
    [
        ("before", None, "just accepted, revoked or expired"),
        ("during", SMTPDataError(451, b"later"), "for now"),
        ("during", SMTPServerDisconnected("gone"), "may have been sent"),
        ("during", None, None),
    ],
    ids=str,
)
def test_what_an_operator_ends_during_the_hand_over_stays_ended(
    invitation, settings, monkeypatch, moment, refusal, outcome
):
    settings.EMAIL_BACKEND = f"{__name__}.ExpiredMeanwhile"
    monkeypatch.setattr(ExpiredMeanwhile, "moment", moment)
    monkeypatch.setattr(ExpiredMeanwhile, "refusal", refusal)
    with pytest.raises((Discard, Retry), match=outcome) if outcome else nullcontext():
        attempt(invitation)
    end_job(invitation, JobState.CANCELLED)
    assert read(invitation).state == "expired"


def test_after_the_expiry_nobody_accepts(invitation):
    drain(raise_errors=True)
    expire()
    assert inviting.accept(invitation) is False


@pytest.mark.django_db(transaction=True)
def test_the_open_page_shows_the_expiry_when_it_comes(client, ada, invitation):
    client.force_login(ada)
    drain(queue="send-invite", raise_errors=True)
    due = read(invitation).expires_at + timedelta(minutes=1)

    @on_one_loop
    async def watch():
        async with live_page(client, "source=invitations&page=1") as page:
            assert ">sent<" in await page.pushed()
            await sync(expire)
            results = await sync(drain, now=due)
            assert "told" in [result.return_value for result in results]
            assert ">expired<" in await page.pushed()

    watch()


@pytest.mark.parametrize("happened", ["accepted", "revoked", "sent again", "deleted", "too early"])
def test_the_job_of_the_expiry_looks_again(ada, invitation, happened):
    drain(raise_errors=True)
    if happened != "too early":
        expire()
    match happened:
        case "accepted":
            Invitation.objects.update(accepted_at=timezone.now())
        case "revoked":
            Invitation.objects.update(revoked_at=timezone.now())
        case "sent again":
            send_again(ada, invitation.pk)
            drain(raise_errors=True)
        case "deleted":
            Invitation.objects.all().delete()
    assert tell_of_expiry.call(str(invitation.pk)) == "not expired"
