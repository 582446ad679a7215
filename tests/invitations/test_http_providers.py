"""The task against two providers' APIs over real HTTP, behaving and misbehaving."""

import logging
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.module_loading import import_string

from invitations import links, mail, providers
from invitations.inviting import invite
from invitations.mail import name_of_mail
from invitations.models import Invitation
from myproject.mail_environment import email
from tests.invitations.http_provider import ANSWERS, ID, KEY, PROVIDERS, SILENT, choose
from tests.invitations.running import attempt, end_job, read
from tests.servers import free_port
from workers import Discard, Retry, Snooze, steering
from workers.models import Job, JobState, QueuePause
from workers.testing import drain


@pytest.fixture(params=PROVIDERS)
def provider(request, settings, server) -> str:
    choose(settings, request.param, server.url)
    return request.param


@pytest.fixture
def resend(settings, server) -> None:
    choose(settings, "resend", server.url)


@pytest.fixture
def postmark(settings, server) -> None:
    choose(settings, "postmark", server.url)


def test_a_mail_arrives_with_all_that_the_provider_is_to_know(invitation, provider, server):
    Invitation.objects.update(note="Come and see!")
    attempt(invitation)
    (found,) = server.mails.values()
    text = next(found[name] for name in ("TextBody", "text", "textContent") if name in found)
    assert links.address(invitation) in text
    assert "They write: “Come and see!”" in text
    assert name_of_mail(invitation) in str(found)
    assert str(invitation.pk) in str(found)
    assert "List-Unsubscribe=One-Click" in str(found)
    assert (read(invitation).state, read(invitation).message_id) == ("sent", ID)


@pytest.mark.parametrize(("behaviour", "after"), [("busy", 90), ("broken", None), ("down", 120), ("conflict", None)])
def test_a_provider_that_cannot_now_is_asked_again_when_it_says(invitation, provider, server, behaviour, after):
    server.behaviour = behaviour
    with pytest.raises(Retry, match="busy") as caught:
        attempt(invitation)
    assert caught.value.after == after
    assert read(invitation).sending_at is None
    server.behaviour = "accept"
    attempt(invitation)
    assert len(server.mails) == 1
    assert read(invitation).state == "sent"


def test_a_provider_that_names_a_date_is_asked_again_then(invitation, provider, server):
    server.behaviour = "busy until"
    with pytest.raises(Retry) as caught:
        attempt(invitation)
    assert 3590 < caught.value.after <= 3600


@pytest.mark.parametrize("behaviour", ["refuse", "refuse oddly"])
def test_an_address_that_the_provider_refuses_is_given_up(invitation, provider, server, behaviour):
    server.behaviour = behaviour
    with pytest.raises(Discard, match=r"refused|did not take"):
        attempt(invitation)
    assert read(invitation).sending_at is None


@pytest.mark.parametrize("behaviour", sorted(SILENT | {"gateway", "garbage", "nothing", "a list", "null"}))
def test_without_a_key_a_mail_that_nobody_answered_for_is_never_repeated(invitation, postmark, server, behaviour):
    server.behaviour = behaviour
    with pytest.raises(Discard, match="may have been sent"):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    assert read(invitation).state == "unknown"
    server.behaviour, asked = "accept", len(server.requests)
    with pytest.raises(Discard):
        attempt(invitation)
    assert len(server.requests) == asked


@pytest.mark.parametrize("provider", ["resend", "brevo"], indirect=True)
@pytest.mark.parametrize("behaviour", sorted(SILENT | {"gateway", "garbage"}))
def test_with_a_key_it_is_asked_again_and_sent_once(invitation, provider, server, behaviour):
    server.behaviour = behaviour
    with pytest.raises(Retry, match="may have been sent"):
        attempt(invitation)
    end_job(invitation, JobState.SCHEDULED, attempts=1)
    assert read(invitation).state == "unknown"
    server.behaviour = "accept"
    attempt(invitation)
    assert (len(server.requests), len(server.mails), len(set(server.keys))) == (2, 1, 1)
    assert server.requests[0][1] == server.requests[1][1]
    assert read(invitation).state == "sent"


@pytest.mark.parametrize(("behaviour", "outcome"), [("busy", Retry), ("refuse", Discard), ("conflict", Retry)])
def test_a_later_refusal_says_nothing_of_the_first_try(invitation, resend, server, behaviour, outcome):
    server.behaviour = "stall"
    with pytest.raises(Retry):
        attempt(invitation)
    server.behaviour = behaviour
    with pytest.raises(outcome):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    assert read(invitation).state == "unknown"


def test_when_the_provider_has_forgotten_the_key_the_mail_stays_unknown(invitation, resend, server):
    server.behaviour = "stall"
    with pytest.raises(Retry):
        attempt(invitation)
    Invitation.objects.update(sending_at=timezone.now() - timedelta(hours=24))
    server.behaviour = "accept"
    with pytest.raises(Discard, match="may have been sent"):
        attempt(invitation)
    assert len(server.requests) == 1


def test_a_mail_sent_again_by_its_inviter_has_a_key_of_its_own(ada, invitation, resend, server):
    from invitations.inviting import send_again

    server.behaviour = "stall"
    with pytest.raises(Retry):
        attempt(invitation)
    end_job(invitation, JobState.FAILED)
    again = send_again(ada, invitation.pk)
    server.behaviour = "accept"
    attempt(again)
    assert len(set(server.keys)) == 2


def test_that_brevo_knows_a_mail_again_says_that_it_was_sent(invitation, settings, server):
    choose(settings, "brevo", server.url)
    server.behaviour = "broken"
    with pytest.raises(Retry):
        attempt(invitation)
    # It was taken all the same, whatever the answer said.
    server.mails[server.keys[0]] = {}
    server.behaviour = "accept"
    assert attempt(invitation) == "sent"
    assert read(invitation).state == "sent"


@pytest.mark.parametrize("provider", ["postmark", "brevo"], indirect=True)
@pytest.mark.parametrize("status", [400, 422])
def test_another_refusal_is_not_taken_for_a_repetition(invitation, provider, server, status, monkeypatch):
    code = "duplicate_parameter" if status == 422 or provider == "postmark" else "invalid_parameter"
    monkeypatch.setitem(ANSWERS, "told", (status, {}, f'{{"code": "{code}", "ErrorCode": 300, "Message": "m"}}'))
    server.behaviour = "told"
    with pytest.raises(Discard, match="refused"):
        attempt(invitation)
    assert read(invitation).sending_at is None


def test_brevo_is_given_its_key_among_the_mails_headers(settings):
    for name, value in email({"EMAIL_PROVIDER": "brevo", "BREVO_API_KEY": "k"}, settings.VAR).items():
        setattr(settings, name, value)
    invitation = Invitation(email="guest@example.com", sender=User(username="ada"))
    message, backend = mail.compose(invitation), import_string(settings.EMAIL_BACKEND)()
    providers.fit(message, invitation, "invitation", backend)
    payload = backend.build_message_payload(message, {})
    assert UUID(payload.data["headers"]["idempotencyKey"]).hex == name_of_mail(invitation)
    now = timezone.now()
    assert providers.may_hand_over_again(now - timedelta(minutes=13), now)
    assert not providers.may_hand_over_again(now - timedelta(minutes=15), now)


def test_a_provider_that_is_not_there_is_asked_again_and_nothing_is_marked(invitation, settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    choose(settings, "postmark", f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(Retry, match="could not be reached"):
        attempt(invitation)
    assert read(invitation).sending_at is None


def test_wrong_keys_stop_the_queue_with_one_loud_line_and_lose_no_mail(ada, settings, server, caplog, provider):
    settings.INVITATIONS_REMINDER_DAYS = 0
    made = [invite(ada, f"guest{number}@example.com") for number in range(3)]
    choose(settings, provider, server.url, key="a wrong key")
    drain()
    assert len(server.requests) == 1, "the queue is paused: nobody hammers"
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(loud) == 1, [record.getMessage() for record in loud]
    assert "resumequeue send-invite" in loud[0].getMessage()
    assert KEY not in caplog.text
    assert "refused this site's own account (401)" in QueuePause.objects.get().paused_by
    assert read(made[0]).explanation
    assert {job.attempts for job in Job.objects.all()} == {0}
    choose(settings, provider, server.url)
    steering.resume("send-invite")
    drain(scheduled=True)
    assert {read(each).state for each in made} == {"sent"}
    assert len(server.mails) == 3


def test_a_mail_that_was_claimed_before_the_pause_adds_no_second_line(invitation, settings, server, caplog):
    choose(settings, "postmark", server.url, key="a wrong key")
    for _ in range(2):
        with pytest.raises(Snooze):
            attempt(invitation)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1
