"""The task through anymail: its test backend, with the answers that providers give."""

import traceback

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailCancelSend, AnymailRequestsAPIError
from anymail.message import AnymailRecipientStatus
from anymail.signals import post_send, pre_send
from django.core import mail

from invitations import links
from tests.invitations.running import attempt, read
from workers import Discard, Retry


@pytest.fixture(autouse=True)
def anymail_test_backend(settings):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"


@pytest.fixture
def answers():
    """``answers(response)``: what the provider says to the next mails."""
    receivers = []

    def answer(response) -> None:
        def inject(sender, message, **kwargs):
            message.anymail_test_response = response

        receivers.append(inject)
        pre_send.connect(inject, weak=False)

    yield answer
    for receiver in receivers:
        pre_send.disconnect(receiver)


def recipient(status: str, message_id: str | None = "esp-1"):
    return {"recipient_status": {"guest@example.com": AnymailRecipientStatus(message_id=message_id, status=status)}}


def api_error(status: int, body: bytes = b"{}", **headers: str) -> AnymailRequestsAPIError:
    response = requests.Response()
    response.status_code, response.reason, response._content = status, "reason", body
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return AnymailRequestsAPIError(response=response)


@pytest.mark.parametrize("status", ["sent", "queued", "unknown"])
def test_a_mail_the_provider_took_is_sent_under_the_providers_id(invitation, answers, status):
    answers(recipient(status))
    attempt(invitation)
    assert read(invitation).state == "sent"
    assert read(invitation).message_id == "esp-1"


@pytest.mark.parametrize("status", ["invalid", "rejected", "failed"])
def test_a_recipient_the_provider_refused_is_given_up(invitation, answers, status):
    answers(recipient(status, None))
    with pytest.raises(Discard):
        attempt(invitation)
    assert read(invitation).sending_at is None
    assert read(invitation).error


def test_a_busy_provider_is_asked_again_when_it_says(invitation, answers):
    answers(api_error(429, Retry_After="90"))
    with pytest.raises(Retry, match="busy") as caught:
        attempt(invitation)
    assert caught.value.after == 90
    assert read(invitation).sending_at is None


def test_a_refused_request_is_given_up(invitation, answers):
    answers(api_error(422))
    with pytest.raises(Discard, match="refused the mail"):
        attempt(invitation)


def test_an_answer_that_cannot_be_read_leaves_the_mail_unknown(invitation, answers):
    answers(AnymailAPIError("Unparsable response"))
    with pytest.raises(Discard, match="may have been sent"):
        attempt(invitation)
    assert read(invitation).sending_at is not None


def test_a_receiver_that_fails_after_the_provider_took_the_mail_does_not_undo_it(invitation, answers):
    def broken(sender, **kwargs):
        raise RuntimeError("a bug in somebody's receiver")

    answers(recipient("queued"))
    post_send.connect(broken)
    try:
        assert attempt(invitation) == "sent"
    finally:
        post_send.disconnect(broken)
    assert read(invitation).state == "sent"
    assert len(mail.outbox) == 1


def test_a_mail_that_a_receiver_called_off_is_not_sent(invitation):
    def call_off(sender, **kwargs):
        raise AnymailCancelSend

    pre_send.connect(call_off)
    try:
        with pytest.raises(Discard, match="did not take the mail"):
            attempt(invitation)
    finally:
        pre_send.disconnect(call_off)
    assert read(invitation).sending_at is None


def test_a_provider_that_repeats_the_mail_does_not_bring_the_link_into_the_jobs_traceback(invitation, answers):
    link = links.address(invitation)
    answers(api_error(400, body=f'{{"you sent": "{link}"}}'.encode()))
    with pytest.raises(Discard) as caught:
        attempt(invitation)
    assert links.token(invitation) not in "".join(traceback.format_exception(caught.value))
    assert links.token(invitation) not in read(invitation).error
