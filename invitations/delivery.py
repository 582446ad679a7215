"""Hands one invitation's mail over, and writes down what became of it.

The mark ``sending_at`` is committed before the first byte of the mail leaves, and taken back only when the mail was
surely not accepted. A worker that dies in between leaves it, and the next run finds it.
"""

import logging
from contextlib import ExitStack
from datetime import datetime
from traceback import format_exception
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from invitations import links, mail
from invitations.delivery_errors import Meaning, NotTaken, classify
from invitations.models import Invitation, InvitationQuerySet
from workers import Discard, Retry

logger = logging.getLogger("invitations")

REFUSED = {"invalid", "rejected", "failed"}


def deliver(invitation: Invitation) -> None:
    """Returns when the mail is sent and recorded. Raises Retry or Discard, with the reason on the invitation."""
    with ExitStack() as at_the_end:
        try:
            message = mail.compose(invitation)
            mailer = mail.default_mailer()
            at_the_end.callback(close_quietly, mailer)
            # Before the mark: what fails up to a greeted, authenticated connection surely sent nothing.
            mailer.open()
        except Exception as error:
            raise conclude(invitation, None, error) from without_link(invitation, error)
        mark = mark_sending(invitation)
        try:
            hand_over(mailer, message)
        except Exception as error:
            if not is_accepted(message):
                raise conclude(invitation, mark, error) from without_link(invitation, error)
            told = without_link(invitation, error)
            logger.error("A receiver of anymail's post_send failed; the mail itself was accepted.", exc_info=told)
        record_sent(invitation, mark, id_given_to(message))


def mark_sending(invitation: Invitation) -> datetime:
    """Commits the mark, at once and alone. Raises Discard when another run, or a newer job, was there first."""
    mark = timezone.now()
    with transaction.atomic(durable=True):
        won = held(invitation, None).update(sending_at=mark, error="")
    if not won:
        raise Discard("Another run, or a newer job, has this invitation.")
    return mark


def hand_over(mailer: Any, message: EmailMultiAlternatives) -> None:
    if mailer.send_messages([message]) == 0 or statuses_of(message) & REFUSED:
        raise NotTaken(f"the backend did not send: {statuses_of(message) or 'no reason given'}")


def record_sent(invitation: Invitation, mark: datetime, message_id: str) -> None:
    now = timezone.now()
    if not held(invitation, mark).update(sent_at=now, message_id=message_id[:255], error=""):
        logger.warning("Invitation %s was sent again while its first mail was still under way.", invitation.pk)


def conclude(invitation: Invitation, mark: datetime | None, error: Exception) -> Retry | Discard:
    """Writes what the failure means on the row, and returns what the task is to raise."""
    verdict = classify(error, handed_over=mark is not None, now=timezone.now())
    still_marked = mark if verdict.meaning is Meaning.UNKNOWN else None
    held(invitation, mark).update(sending_at=still_marked, error=verdict.sentence)
    if verdict.meaning is Meaning.TEMPORARY:
        return Retry(verdict.sentence, after=verdict.retry_after)
    return Discard(verdict.sentence)


def held(invitation: Invitation, mark: datetime | None) -> InvitationQuerySet:
    """The row as long as this job and this run's mark are still the ones it knows: the fence of every write here."""
    return Invitation.objects.filter(pk=invitation.pk, job=invitation.job_id, sending_at=mark, sent_at=None)


def statuses_of(message: EmailMultiAlternatives) -> set[str]:
    """What anymail says about the recipient; empty with other backends, or before the provider answered."""
    status = getattr(message, "anymail_status", None)
    return set(status.status or ()) if status is not None else set()


def is_accepted(message: EmailMultiAlternatives) -> bool:
    statuses = statuses_of(message)
    return bool(statuses) and not statuses & REFUSED


def id_given_to(message: EmailMultiAlternatives) -> str:
    """The provider's own id where there is one; its events will name it."""
    status = getattr(message, "anymail_status", None)
    given = status.message_id if status is not None else None
    return str(given) if given is not None else str(message.extra_headers["Message-ID"])


def close_quietly(mailer: Any) -> None:
    # The mail's fate is settled by now; a connection that closes badly must not look like a mail that failed.
    try:
        mailer.close()
    except Exception:
        logger.debug("The connection to the mail server closed badly.", exc_info=True)


def without_link(invitation: Invitation, error: Exception) -> Exception | None:
    """The cause to keep with the attempt, or None when its text holds the link, as a provider's answer may."""
    return None if links.token(invitation) in "".join(format_exception(error)) else error
