"""The task against a real SMTP server, through Django's own backend."""

import socket
from datetime import timedelta

import pytest

from invitations import links
from invitations.models import Invitation
from tests.invitations.mail_server import MOMENT
from tests.invitations.running import attempt, end_job, read
from tests.servers import free_port
from workers import Discard, Retry, Snooze
from workers.models import JobState, QueuePause


def test_an_accepted_mail_is_sent_and_arrives_whole(invitation, mail_server):
    server = mail_server("accept")
    attempt(invitation)
    (mail,) = server.mails
    sent = read(invitation)
    assert sent.state == "sent"
    assert mail["To"] == "guest@example.com"
    assert mail["Subject"] == "Ada Lovelace invites you"
    assert mail["Message-ID"] == sent.message_id
    for kind in ("plain", "html"):
        assert links.address(invitation) in mail.get_body((kind,)).get_content()


@pytest.mark.parametrize("behaviour", ["refuse", "refuse data"])
def test_a_refused_mail_is_given_up_with_the_servers_words(invitation, mail_server, behaviour):
    mail_server(behaviour)
    with pytest.raises(Discard):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    found = read(invitation)
    assert (found.state, found.sending_at) == ("discarded", None)
    assert "No such person here" in found.explanation or "reads like spam" in found.explanation


@pytest.mark.parametrize("behaviour", ["defer", "defer data"])
def test_a_deferred_mail_is_tried_again_and_then_sent_once(invitation, mail_server, behaviour):
    server = mail_server(behaviour)
    with pytest.raises(Retry, match="for now"):
        attempt(invitation)
    end_job(invitation, JobState.SCHEDULED, attempts=1)
    assert read(invitation).state == "retrying"
    server.mails.clear()
    server.behaviour = "accept"
    attempt(invitation)
    assert len(server.mails) == 1
    assert read(invitation).state == "sent"
    assert read(invitation).error == ""


def test_a_slow_server_is_waited_for(invitation, mail_server):
    server = mail_server("slow")
    assert attempt(invitation) == "sent"
    assert len(server.mails) == 1
    found = read(invitation)
    assert found.sent_at - found.sending_at > timedelta(seconds=2 * MOMENT)


def test_a_server_that_hangs_up_in_the_middle_of_the_mail_leaves_it_unknown(invitation, mail_server):
    server = mail_server("drop inside")
    for outcome in ("connection broke", "an earlier run was cut off"):
        with pytest.raises(Discard, match=f"may have been sent: .*{outcome}"):
            attempt(invitation)
    assert len(server.begun) == 1, "begun once, and never again"
    end_job(invitation, JobState.DISCARDED)
    assert read(invitation).state == "unknown"


@pytest.mark.parametrize(("behaviour", "timeout"), [("drop", 30), ("stall", 2)])
def test_a_server_that_falls_silent_over_the_mail_leaves_it_unknown(
    invitation, mail_server, settings, behaviour, timeout
):
    server = mail_server(behaviour)
    settings.EMAIL_TIMEOUT = timeout
    with pytest.raises(Discard, match="may have been sent"):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    assert len(server.mails) == 1, "the server has it, and we cannot know"
    assert read(invitation).state == "unknown"
    server.behaviour = "accept"
    with pytest.raises(Discard):
        attempt(invitation)
    assert len(server.mails) == 1


def test_wrong_credentials_stop_the_queue_and_cost_no_mail_an_attempt(invitation, mail_server, settings):
    server = mail_server("deny")
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "somebody", "hunter2"
    with pytest.raises(Snooze):
        attempt(invitation)
    assert QueuePause.objects.get().queue == "send-invite"
    assert server.mails == []
    assert "this site's own account" in read(invitation).error
    assert "hunter2" not in read(invitation).error
    assert read(invitation).sending_at is None


def test_an_unreachable_server_is_tried_again_and_nothing_is_marked(invitation, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with pytest.raises(Retry, match="could not be reached"):
        attempt(invitation)
    assert Invitation.objects.get().sending_at is None


def test_a_server_that_never_greets_is_tried_again(invitation, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        with pytest.raises(Retry, match="could not be reached"):
            attempt(invitation)
    assert Invitation.objects.get().sending_at is None


def test_a_sender_that_is_no_address_stops_the_queue_and_leaves_nothing_in_doubt(invitation, mail_server, settings):
    server = mail_server("accept")
    settings.DEFAULT_FROM_EMAIL = "Team, Ltd <team@example.com>"
    with pytest.raises(Snooze):
        attempt(invitation)
    assert QueuePause.objects.exists()
    assert read(invitation).sending_at is None
    assert server.mails == []
