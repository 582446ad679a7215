"""From the form to the accepted link, with the jobs run as the runner runs them."""

import pytest
from django.core import mail
from django.urls import reverse

from invitations.models import Invitation
from invitations.tasks import send_invite
from tests.invitations.guest import sign_up
from tests.invitations.running import read
from tests.servers import free_port
from workers.models import AttemptKind, Job, JobState
from workers.testing import assert_enqueued, drain, refute_enqueued


@pytest.fixture
def posted(client, ada) -> Invitation:
    client.force_login(ada)
    client.post(reverse("invitations:list"), {"email": "guest@example.com"})
    return Invitation.objects.get()


def unreachable(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def test_an_invitation_goes_from_the_form_to_its_acceptance(client, posted):
    assert_enqueued(send_invite, args=[str(posted.pk)], queue="send-invite")
    drain(raise_errors=True)
    assert read(posted).state == "sent"
    link = next(line for line in mail.outbox[0].body.splitlines() if "/invitations/" in line)
    path = link.removeprefix("http://127.0.0.1:8000")
    client.logout()
    assert "Ada Lovelace invites you" in client.get(path, follow=True).text
    sign_up(client, posted)
    assert read(posted).state == "accepted"


def test_a_form_that_is_refused_enqueues_nothing(client, ada):
    client.force_login(ada)
    client.post(reverse("invitations:list"), {"email": "nobody"})
    refute_enqueued(send_invite)


def test_a_mail_server_that_stays_away_is_tried_five_times_and_then_told(client, posted, settings):
    unreachable(settings)
    drain()
    assert read(posted).state == "retrying"
    assert "Next try" in client.get(reverse("invitations:list")).text
    drain(scheduled=True)
    found = read(posted)
    assert (found.state, found.job_attempts) == ("failed", 5)
    assert found.explanation == "The mail server could not be reached."
    assert "Send again" in client.get(reverse("invitations:list")).text


def test_a_refused_address_is_given_up_at_once(posted, mail_server):
    mail_server("refuse")
    drain()
    found = read(posted)
    assert (found.state, found.job_attempts) == ("discarded", 1)
    assert "No such person here" in found.explanation
    assert Job.objects.get().failures.get().kind == AttemptKind.DISCARDED


def test_a_mail_cut_off_by_a_dying_worker_shows_as_unknown_and_can_be_sent_again(client, posted):
    # As a worker leaves it that is killed between the mark and the answer, and its job after the rescue.
    Invitation.objects.update(sending_at=posted.created_at)
    assert read(posted).state == "unknown"
    drain()
    assert read(posted).job_state == JobState.DISCARDED
    assert mail.outbox == []
    client.post(reverse("invitations:send_again", args=[posted.pk]))
    drain(raise_errors=True)
    assert read(posted).state == "sent"
    assert len(mail.outbox) == 1


def test_sending_again_while_the_rescued_job_still_waits_sends_one_mail(client, posted):
    Invitation.objects.update(sending_at=posted.created_at)
    client.post(reverse("invitations:send_again", args=[posted.pk]))
    drain()
    assert Job.objects.filter(task=send_invite.module_path).count() == 2
    assert len(mail.outbox) == 1
    assert read(posted).state == "sent"
