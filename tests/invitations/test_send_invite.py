"""The task, on Django's in-memory mail: sent at most once per link, whatever runs it and however often."""

from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from invitations import inviting, links
from invitations.delivery import mark_sending
from invitations.first_mail import FirstMail
from invitations.models import Invitation
from invitations.tasks import send_invite
from tests.invitations.running import attempt, end_job, read
from workers import Discard, Retry
from workers.models import Job, JobState

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def test_an_invitation_is_mailed_with_its_link(invitation):
    assert attempt(invitation) == "sent"
    (message,) = mail.outbox
    sent = read(invitation)
    assert message.to == ["guest@example.com"]
    assert links.address(invitation) in message.body
    assert sent.state == "sent"
    assert sent.sending_at is not None
    assert sent.sent_at is not None
    assert sent.sending_at <= sent.sent_at
    assert sent.message_id == message.extra_headers["Message-ID"]
    assert sent.error == ""


def test_a_second_run_of_a_sent_invitation_sends_nothing(invitation):
    attempt(invitation)
    assert attempt(invitation) == "already sent"
    assert len(mail.outbox) == 1


def test_an_accepted_invitation_is_not_mailed_any_more(invitation):
    inviting.accept(invitation)
    assert attempt(invitation) == "already sent"
    assert mail.outbox == []


def test_a_run_that_was_cut_off_is_never_repeated_blindly(invitation):
    Invitation.objects.update(sending_at=timezone.now())
    with pytest.raises(Discard, match="may have been sent"):
        attempt(invitation)
    end_job(invitation, JobState.DISCARDED)
    found = read(invitation)
    assert mail.outbox == []
    assert found.state == "unknown"
    assert "cut off" in found.explanation


def test_a_job_that_was_replaced_by_a_newer_one_sends_nothing(invitation):
    replaced = Job.objects.get(pk=invitation.job_id)
    Invitation.objects.update(job=uuid4())
    stale = Invitation(pk=invitation.pk, job=replaced)
    with pytest.raises(Discard, match="newer job"):
        attempt(stale)
    assert mail.outbox == []


def test_a_deleted_invitation_sends_nothing(invitation):
    Invitation.objects.all().delete()
    with pytest.raises(Discard, match="deleted"):
        attempt(invitation)
    assert mail.outbox == []


class WatchingBackend:
    """Stands where the mail server stands, and looks at the database from there."""

    seen: list = []

    def __init__(self, **options):
        pass

    def open(self):
        self.seen.append(("opened", Invitation.objects.get().sending_at is not None))

    def send_messages(self, messages):
        self.seen.append(("sending", Invitation.objects.get().sending_at is not None, connection.in_atomic_block))
        return len(messages)

    def close(self):
        self.seen.append(("closing", Invitation.objects.get().sent_at is not None))


@pytest.mark.django_db(transaction=True)
def test_the_mark_is_committed_before_the_mail_leaves_and_the_record_before_the_goodbye(settings, django_user_model):
    settings.EMAIL_BACKEND = f"{__name__}.WatchingBackend"
    WatchingBackend.seen = []
    attempt(inviting.invite(django_user_model.objects.create_user("ada"), "guest@example.com"))
    assert WatchingBackend.seen == [("opened", False), ("sending", True, False), ("closing", True)]


@pytest.mark.django_db(transaction=True)
def test_inside_somebody_elses_transaction_nothing_is_sent(django_user_model):
    invitation = inviting.invite(django_user_model.objects.create_user("ada"), "guest@example.com")
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        attempt(invitation)
    assert mail.outbox == []


class TimeoutInTheMiddle(BaseException):
    """As the runner stops a task that runs too long."""


class StuckBackend(WatchingBackend):
    def send_messages(self, messages):
        raise TimeoutInTheMiddle


class BadGoodbyeBackend(WatchingBackend):
    def close(self):
        raise OSError("reset by peer")


class SilentBackend(WatchingBackend):
    def send_messages(self, messages):
        return 0


class OvertakenBackend(WatchingBackend):
    """While this mail is under way, its sender gives up waiting and sends it again."""

    def send_messages(self, messages):
        invitation = Invitation.objects.get()
        end_job(invitation, JobState.FAILED)
        inviting.send_again(invitation.sender, invitation.pk)
        return 1


def test_a_timeout_while_sending_leaves_the_mark(invitation, settings):
    settings.EMAIL_BACKEND = f"{__name__}.StuckBackend"
    with pytest.raises(TimeoutInTheMiddle):
        attempt(invitation)
    end_job(invitation, JobState.SCHEDULED, attempts=1)
    assert read(invitation).state == "unknown"
    settings.EMAIL_BACKEND = LOCMEM
    with pytest.raises(Discard):
        attempt(invitation)
    assert mail.outbox == []


def test_a_connection_that_closes_badly_does_not_undo_a_sent_mail(invitation, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BadGoodbyeBackend"
    assert attempt(invitation) == "sent"
    assert read(invitation).state == "sent"


def test_a_backend_that_sends_nothing_is_believed(invitation, settings):
    settings.EMAIL_BACKEND = f"{__name__}.SilentBackend"
    with pytest.raises(Discard, match="did not take the mail"):
        attempt(invitation)
    assert read(invitation).sending_at is None


def test_a_late_answer_to_the_old_mail_does_not_mark_the_new_one_sent(invitation, settings):
    settings.EMAIL_BACKEND = f"{__name__}.OvertakenBackend"
    attempt(invitation)
    found = read(invitation)
    assert found.state == "queued"
    assert found.sent_at is None


def test_a_bad_address_in_the_row_ends_with_a_sentence(invitation):
    Invitation.objects.update(email="guest@example.com\nBcc: victim@example.com")
    with pytest.raises(Discard, match="No mail can be written to this address"):
        attempt(invitation)
    assert mail.outbox == []
    assert read(invitation).error == "No mail can be written to this address."


def test_two_runs_at_once_hand_the_mail_over_once(invitation):
    mark_sending(FirstMail(invitation))
    with pytest.raises(Discard, match="Another run"):
        mark_sending(FirstMail(invitation))


def test_a_fault_of_ours_before_the_hand_over_is_tried_again_and_marks_nothing(invitation, settings):
    settings.SITE_URL = None
    with pytest.raises(Retry):
        attempt(invitation)
    found = read(invitation)
    assert found.sending_at is None
    assert found.error == "Something went wrong here before the mail was sent."


def test_the_job_carries_the_id_and_no_secret(invitation):
    job = Job.objects.get(pk=invitation.job_id)
    assert (job.args, job.kwargs) == ([str(invitation.pk)], {})
    assert job.queue == send_invite.queue_name == "send-invite"
    assert (send_invite.max_attempts, send_invite.timeout) == (5, 60)
