"""What a failed try at a mail means: try again, give up, or nobody can know.

The one question is whether the mail may have been accepted. Only where the answer is a sure no may it be tried again;
where it cannot be told, as when a connection breaks while the mail is under way, it is never repeated blindly.
"""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import requests
import urllib3
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext as _

from invitations.one_line import one_line
from invitations.suppressing import Suppressed

LONGEST_WAIT = 86400.0
"""Seconds. A provider that asks for more is asked again after a day."""

NO_ADDRESS = (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL)
"""The provider's own address in the settings is none; nothing was sent anywhere."""
NEVER_REACHED = (
    urllib3.exceptions.NewConnectionError,  # refused, unreachable, or no such name
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    ssl.SSLCertVerificationError,
)


class Meaning(Enum):
    TEMPORARY = "not accepted; worth another try"
    PERMANENT = "not accepted; another try would end the same"
    UNKNOWN = "may have been accepted"
    SHUT_OUT = "not accepted, and no other mail would be: this site's account or settings are wrong"


@dataclass(frozen=True)
class Verdict:
    """``sentence`` is for the inviter; ``retry_after`` is what the server asked for, in seconds."""

    meaning: Meaning
    sentence: str
    retry_after: float | None = None


class NotTaken(Exception):
    """The backend raised nothing, and yet says that it did not send."""


def classify(error: Exception, *, handed_over: bool, now: datetime) -> Verdict:
    """``handed_over`` tells whether the mail itself may already have been on the wire when ``error`` was raised.

    Weakness: an SMTP server that hangs up before DATA looks the same as one that hangs up after it; both are unknown.
    """
    match error:
        case smtplib.SMTPRecipientsRefused() | smtplib.SMTPResponseException():
            return _by_smtp_reply(error)
        case AnymailRecipientsRefused():
            return Verdict(Meaning.PERMANENT, _("The mail provider refused this address."))
        case AnymailAPIError():
            return _by_api_error(error, now)
        case NotTaken():
            return Verdict(Meaning.PERMANENT, _("The mail provider did not take the mail."))
        case Suppressed():
            return Verdict(Meaning.PERMANENT, error.messages[0])
        case ImproperlyConfigured():
            return Verdict(Meaning.SHUT_OUT, _("This site's mail is not set up rightly."))
        case AnymailError() | smtplib.SMTPNotSupportedError():
            return Verdict(Meaning.PERMANENT, _("This site's mail is not set up rightly. Please tell who runs it."))
    return unknown() if handed_over else _before_the_hand_over(error)


def unknown() -> Verdict:
    return Verdict(
        Meaning.UNKNOWN,
        _(
            "The mail may have been sent: the connection broke before the mail server answered. "
            "Send it again if it never arrives."
        ),
    )


def _unreachable() -> Verdict:
    return Verdict(Meaning.TEMPORARY, _("The mail server could not be reached."))


def _before_the_hand_over(error: Exception) -> Verdict:
    if isinstance(error, OSError):  # first, for a bad certificate is a ValueError too
        return _unreachable()
    if isinstance(error, (ValidationError, ValueError)):
        return Verdict(Meaning.PERMANENT, _("No mail can be written to this address."))
    return Verdict(Meaning.TEMPORARY, _("Something went wrong here before the mail was sent."))


def _by_smtp_reply(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> Verdict:
    """RFC 5321, 4.2.1: a reply of 4yz or 5yz says that the mail was not accepted."""
    code, reply, refused = _reply_of(error)
    if 400 <= code < 500:
        return Verdict(Meaning.TEMPORARY, _("The mail server refused %s for now%s") % (refused, quoted(code, reply)))
    if 500 <= code < 600:
        meaning = Meaning.SHUT_OUT if isinstance(error, smtplib.SMTPAuthenticationError) else Meaning.PERMANENT
        return Verdict(meaning, _("The mail server refused %s%s") % (refused, quoted(code, reply)))
    return unknown()


def _reply_of(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> tuple[int, bytes | str, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return code, reply, _("this address")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # What it says about the site's own account is not for the inviter.
        return error.smtp_code, "", _("this site's own account")
    return error.smtp_code, error.smtp_error, _("the mail")


def quoted(code: int, reply: bytes | str) -> str:
    """The server's reply as the end of a sentence: somebody else's text, so one line, printable, of bounded length."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    text = one_line(text)[:200]
    return f": “{code} {text}”." if text else f" ({code})."


def _by_api_error(error: AnymailAPIError, now: datetime) -> Verdict:
    status = _status_of(error)
    if any(type(link).__name__ == "NoCredentialsError" or isinstance(link, NO_ADDRESS) for link in _chain(error)):
        return Verdict(Meaning.SHUT_OUT, _("This site's mail is not set up rightly."))
    if status is None or status < 400:
        reached = not any(isinstance(link, NEVER_REACHED) or _is_botocore_connect(link) for link in _chain(error))
        return unknown() if reached else _unreachable()
    if status == 504:
        # A gateway that gave up waiting does not know either.
        return unknown()
    # 409: an earlier try with the same key is not answered yet.
    if status in {408, 409, 425, 429} or status >= 500 or _is_throttled(error):
        wait = retry_after(_headers_of(error), now)
        return Verdict(Meaning.TEMPORARY, _("The mail provider is busy (%d).") % status, wait)
    if status in {401, 403}:
        return Verdict(Meaning.SHUT_OUT, _("The mail provider refused this site's own account (%d).") % status)
    return Verdict(Meaning.PERMANENT, _("The mail provider refused the mail (%d).") % status)


def _status_of(error: AnymailAPIError) -> int | None:
    if error.status_code is not None:
        return int(error.status_code)
    if isinstance(error.response, Mapping):  # Amazon SES keeps botocore's own answer
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return None


def _is_throttled(error: AnymailAPIError) -> bool:
    """Amazon says it with 400 and a name."""
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error.response, Mapping) else ""
    return "Throttl" in code or "TooManyRequests" in code


def _headers_of(error: AnymailAPIError) -> Mapping[str, Any]:
    return getattr(error.response, "headers", None) or {}


def retry_after(headers: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds from a Retry-After header, given as seconds or as a date; None without one that can be read."""
    value = str(headers.get("Retry-After", "")).strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(value) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _is_botocore_connect(error: BaseException) -> bool:
    """By name, because botocore is there only where Amazon SES is."""
    return type(error).__name__ in {"EndpointConnectionError", "ConnectTimeoutError"}


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
