"""What each failure means: the table that decides whether a mail may be tried again."""

import json
import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import urllib3
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from django.core.exceptions import ImproperlyConfigured, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from invitations.delivery_errors import LONGEST_WAIT, Meaning, NotTaken, classify, quoted, retry_after
from invitations.suppressing import Suppressed

TEMPORARY, PERMANENT, UNKNOWN = Meaning.TEMPORARY, Meaning.PERMANENT, Meaning.UNKNOWN
SHUT_OUT = Meaning.SHUT_OUT
POOL: Any = None
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"guest@example.com": (code, b"told so")})


def api(status: int, **headers: str) -> AnymailRequestsAPIError:
    response = requests.Response()
    response.status_code, response.reason, response._content = status, "reason", b"{}"
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return AnymailRequestsAPIError(response=response)


def network(cause: Exception, context: Exception | None = None) -> AnymailRequestsAPIError:
    """As anymail raises it: its own class and the one of requests at once, from the original."""
    cause.__context__ = context
    both = type("AnymailRequestsAPIError", (AnymailRequestsAPIError, type(cause)), {})
    error = both("Error posting")
    error.__cause__ = cause
    return error


def amazon(cause: Exception) -> AnymailAPIError:
    error = AnymailAPIError(str(cause), response=getattr(cause, "response", None))
    error.__cause__ = cause
    return error


def botocore_refusal(status: int, code: str) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


BEFORE = [
    (ConnectionRefusedError("refused"), TEMPORARY),
    (socket.gaierror("no such name"), TEMPORARY),
    (TimeoutError("timed out"), TEMPORARY),
    (ssl.SSLCertVerificationError("expired"), TEMPORARY),
    (smtplib.SMTPServerDisconnected("gone before the greeting"), TEMPORARY),
    (smtplib.SMTPConnectError(421, b"busy"), TEMPORARY),
    (smtplib.SMTPConnectError(554, b"not for you"), PERMANENT),
    (smtplib.SMTPHeloError(450, b"later"), TEMPORARY),
    (smtplib.SMTPAuthenticationError(454, b"later"), TEMPORARY),
    (smtplib.SMTPAuthenticationError(535, b"wrong password"), SHUT_OUT),
    (smtplib.SMTPNotSupportedError("no STARTTLS"), PERMANENT),
    (ImproperlyConfigured("no folder"), SHUT_OUT),
    (AnymailConfigurationError("no key"), SHUT_OUT),
    (ValidationError("no address"), PERMANENT),
    (ValueError("a newline in a header"), PERMANENT),
    (RuntimeError("a bug of ours"), TEMPORARY),
]

AFTER = [
    (refused(550), PERMANENT),
    (refused(450), TEMPORARY),
    (refused(421), TEMPORARY),
    (smtplib.SMTPSenderRefused(451, b"later", "us@example.com"), TEMPORARY),
    (smtplib.SMTPSenderRefused(553, b"not you", "us@example.com"), PERMANENT),
    (smtplib.SMTPDataError(452, b"disk full"), TEMPORARY),
    (smtplib.SMTPDataError(554, b"spam"), PERMANENT),
    (smtplib.SMTPDataError(-1, b"gibberish"), UNKNOWN),
    (smtplib.SMTPServerDisconnected("gone"), UNKNOWN),
    (TimeoutError("timed out"), UNKNOWN),
    (BrokenPipeError("gone"), UNKNOWN),
    (RuntimeError("who knows"), UNKNOWN),
    (NotTaken("0 sent"), PERMANENT),
    (AnymailRecipientsRefused(), PERMANENT),
    (AnymailInvalidAddress("bad"), PERMANENT),
    (AnymailUnsupportedFeature("headers"), PERMANENT),
    (AnymailSerializationError("date"), PERMANENT),
    (api(400), PERMANENT),
    (api(401), SHUT_OUT),
    (api(403), SHUT_OUT),
    (network(requests.exceptions.MissingSchema("nonsense")), SHUT_OUT),
    (network(requests.exceptions.InvalidURL("http://")), SHUT_OUT),
    (api(409), TEMPORARY),
    (api(422), PERMANENT),
    (api(408), TEMPORARY),
    (api(429), TEMPORARY),
    (api(500), TEMPORARY),
    (api(503), TEMPORARY),
    (api(504), UNKNOWN),
    (api(200), UNKNOWN),
    (network(requests.ReadTimeout()), UNKNOWN),
    (network(requests.ConnectionError("aborted"), urllib3.exceptions.ProtocolError("reset")), UNKNOWN),
    (network(requests.ConnectionError(), urllib3.exceptions.NewConnectionError(POOL, "refused")), TEMPORARY),
    (network(requests.ConnectTimeout(), urllib3.exceptions.ConnectTimeoutError(POOL, "slow")), TEMPORARY),
    (network(requests.exceptions.SSLError(), ssl.SSLCertVerificationError("expired")), TEMPORARY),
    (AnymailAPIError("Unparsable response"), UNKNOWN),
    (amazon(botocore_refusal(400, "MessageRejected")), PERMANENT),
    (amazon(botocore_refusal(400, "Throttling")), TEMPORARY),
    (amazon(botocore_refusal(429, "TooManyRequestsException")), TEMPORARY),
    (amazon(botocore_refusal(500, "InternalFailure")), TEMPORARY),
    (amazon(EndpointConnectionError(endpoint_url="https://ses")), TEMPORARY),
    (amazon(ReadTimeoutError(endpoint_url="https://ses")), UNKNOWN),
    (amazon(NoCredentialsError()), SHUT_OUT),
    (amazon(botocore_refusal(403, "InvalidClientTokenId")), SHUT_OUT),
    (Suppressed("No mail goes there any more."), PERMANENT),
]


def name(value: object) -> str | None:
    return f"{type(value).__name__}-{value}"[:50] if isinstance(value, Exception) else None


@pytest.mark.parametrize(("error", "meaning"), BEFORE, ids=name)
def test_before_the_hand_over_nothing_is_unknown(error, meaning):
    assert classify(error, handed_over=False, now=NOW).meaning is meaning


@pytest.mark.parametrize(("error", "meaning"), AFTER, ids=name)
def test_after_the_hand_over_only_a_sure_no_may_be_repeated(error, meaning):
    assert classify(error, handed_over=True, now=NOW).meaning is meaning


@pytest.mark.parametrize("error", [error for error, _ in BEFORE + AFTER], ids=name)
@pytest.mark.parametrize("handed_over", [False, True])
def test_every_verdict_has_one_sentence_for_the_inviter(error, handed_over):
    sentence = classify(error, handed_over=handed_over, now=NOW).sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_refusal_repeats_what_the_server_said():
    assert classify(refused(550), handed_over=True, now=NOW).sentence == (
        "The mail server refused this address: “550 told so”."
    )


def test_what_the_server_says_about_our_account_is_not_for_the_inviter():
    sentence = classify(
        smtplib.SMTPAuthenticationError(535, b"bad password hunter2"), handed_over=False, now=NOW
    ).sentence
    assert sentence == "The mail server refused this site's own account (535)."


@given(st.binary() | st.text())
def test_a_reply_is_quoted_on_one_bounded_line(reply):
    told = quoted(550, reply)
    assert told.isprintable()
    assert len(told) < 250
    json.dumps(told).encode()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2076 11:00:00 GMT", LONGEST_WAIT),
        ("Sat, 21 Nov 2026 12:01:00", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    assert retry_after({"Retry-After": header}, NOW) == seconds
    assert classify(api(429, Retry_After=header), handed_over=True, now=NOW).retry_after == seconds


@given(st.text())
def test_no_header_breaks_the_reading(header):
    seconds = retry_after({"Retry-After": header}, NOW)
    assert seconds is None or timedelta() <= timedelta(seconds=seconds) <= timedelta(seconds=LONGEST_WAIT)
