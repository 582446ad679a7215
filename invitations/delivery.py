"""Hands a letter over, and writes down what became of it.

The mark, ``sending_at`` or ``reminding_at``, is committed before the first byte of the mail leaves, and taken back only
when the mail was surely not accepted. A worker that dies in between leaves it, and the next run finds it.
"""

import logging
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from traceback import format_exception
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from invitations import links, mail, providers, suppressing
from invitations.delivery_errors import Meaning, NotTaken, Verdict, classify, unknown
from invitations.letter import Letter
from invitations.models import Invitation
from invitations.shut_out import PAUSE, pause_sending
from invitations.states import live_links
from workers import Discard, Exponential, Retry, Snooze

logger = logging.getLogger("invitations")

REFUSED = {"invalid", "rejected", "failed"}

TRIES = 5
# Up to half a minute after the first failure, half an hour after the fourth: greylisting asks for that much.
PATIENCE = Exponential(base=30, factor=4)


def deliver(letter: Letter) -> None:
    """Returns when the mail is sent and recorded. Raises Retry, Snooze or Discard, with the reason on the invitation.

    A letter that has its mark already is handed over under it once more: see ``may_hand_over_again``.
    """
    invitation = letter.invitation
    with ExitStack() as at_the_end:
        try:
            suppressing.refuse(invitation.email)
            message = mail.compose(invitation, letter.name)
            mailer = mail.default_mailer()
            at_the_end.callback(close_quietly, mailer)
            providers.fit(message, invitation, letter.name, mailer)
            # Before the mark: what fails up to a greeted, authenticated connection surely sent nothing.
            mailer.open()
        except Exception as error:
            raise conclude(letter, None, error) from without_link(invitation, error)
        mark = mark_sending(letter)
        try:
            hand_over(mailer, message)
        except Exception as error:
            if not is_accepted(message):
                raise conclude(letter, mark, error) from without_link(invitation, error)
            told = without_link(invitation, error)
            logger.error("A receiver of anymail's post_send failed; the mail itself was accepted.", exc_info=told)
        record_sent(letter, mark, id_given_to(message))


def mark_sending(letter: Letter) -> datetime:
    """Commits the mark, at once and alone. Raises Discard when another run, or a newer job, was there first, or when
    somebody has just accepted, revoked or expired the invitation."""
    mark = letter.mark or timezone.now()
    with transaction.atomic(durable=True):
        waiting = letter.held(letter.mark).filter(live_links(), accepted_at=None)
        won = waiting.update(**letter.begun(mark))
    if not won:
        raise Discard("Another run, or a newer job, has this invitation, or it was just accepted, revoked or expired.")
    return mark


def hand_over(mailer: Any, message: EmailMultiAlternatives) -> None:
    if mailer.send_messages([message]) == 0 or statuses_of(message) & REFUSED:
        raise NotTaken(f"the backend did not send: {statuses_of(message) or 'no reason given'}")


def record_sent(letter: Letter, mark: datetime, message_id: str) -> None:
    with transaction.atomic():
        if letter.handed_over(mark).update(**letter.taken(timezone.now(), message_id[:255])):
            letter.plan(mark)
            return
    logger.warning("Invitation %s was sent again while its first mail was still under way.", letter.invitation.pk)


def conclude(letter: Letter, mark: datetime | None, error: Exception) -> Retry | Snooze | Discard:
    """Writes what the failure means on the row, and returns what the task is to raise."""
    now = timezone.now()
    verdict = classify(error, handed_over=mark is not None, now=now)
    # What a later try is told says nothing of an earlier one that nobody answered.
    unanswered = letter.mark or (mark if verdict.meaning is Meaning.UNKNOWN else None)
    if letter.mark and verdict.meaning is Meaning.PERMANENT:
        verdict = unknown()
    elif unanswered and verdict.meaning is Meaning.UNKNOWN and providers.may_hand_over_again(unanswered, now):
        verdict = replace(verdict, meaning=Meaning.TEMPORARY)
    with transaction.atomic():
        written = letter.held(letter.mark or mark).update(**letter.failed(unanswered, verdict.sentence))
        if written and unanswered and verdict.meaning is Meaning.UNKNOWN:
            letter.plan(unanswered)
    return consequence(verdict)


def consequence(verdict: Verdict) -> Retry | Snooze | Discard:
    match verdict.meaning:
        case Meaning.TEMPORARY:
            return Retry(verdict.sentence, after=verdict.retry_after)
        case Meaning.SHUT_OUT:
            pause_sending(verdict.sentence)
            return Snooze(PAUSE)
    return Discard(verdict.sentence)


def statuses_of(message: EmailMultiAlternatives) -> set[str]:
    """What anymail says about the recipient; empty with other backends, or before the provider answered."""
    status = getattr(message, "anymail_status", None)
    if getattr(getattr(status, "esp_response", None), "status_code", 200) >= 400:
        return {"failed"}  # though anymail could not read which of the recipients it was about
    return set(status.status or ()) if status is not None else set()


def is_accepted(message: EmailMultiAlternatives) -> bool:
    statuses = statuses_of(message)
    return bool(statuses) and not statuses & REFUSED


def id_given_to(message: EmailMultiAlternatives) -> str:
    """The provider's own id where there is one; its events will name it."""
    status = getattr(message, "anymail_status", None)
    given = status.message_id if status is not None else None
    return str(given) if given is not None else str(message.extra_headers.get("Message-ID", ""))


def close_quietly(mailer: Any) -> None:
    # The mail's fate is settled by now; a connection that closes badly must not look like a mail that failed.
    try:
        mailer.close()
    except Exception:
        logger.debug("The connection to the mail server closed badly.", exc_info=True)


def without_link(invitation: Invitation, error: Exception) -> Exception | None:
    """The cause to keep with the attempt, or None when its text holds the link, as a provider's answer may."""
    return None if links.token(invitation) in "".join(format_exception(error)) else error
