"""The reminder: one more mail with the same link, some days before it expires."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from invitations import links, suppressing
from invitations.delivery import PATIENCE, TRIES, deliver
from invitations.letter import Letter
from invitations.models import Invitation, InvitationQuerySet
from invitations.providers import may_hand_over_again
from invitations.shut_out import QUEUE
from invitations.states import REMINDABLE
from workers import Discard, task

CUT_OFF = "The reminder may have been sent: an earlier run was cut off while handing it over. It is not sent again."


class Reminder(Letter):
    """Its fence is the key: once "Send again" has made a new link, this letter's link is dead. What hinders it is
    told by its job alone; the invitation stands as it stood."""

    name = "reminder"

    @property
    def mark(self) -> datetime | None:
        return self.invitation.reminding_at

    def held(self, mark: datetime | None) -> InvitationQuerySet:
        return Invitation.objects.filter(
            pk=self.invitation.pk, key=self.invitation.key, reminding_at=mark, reminded_at=None
        )

    def begun(self, mark: datetime) -> dict[str, Any]:
        return {"reminding_at": mark}

    def taken(self, now: datetime, message_id: str) -> dict[str, Any]:
        return {"reminded_at": now}

    def failed(self, mark: datetime | None, sentence: str) -> dict[str, Any]:
        return {"reminding_at": mark}

    def plan(self, mark: datetime) -> None:
        """Nothing follows a reminder."""


@task(queue_name=QUEUE, max_attempts=TRIES, backoff=PATIENCE, timeout=60)
def remind(invitation_id: str, version: str) -> str:
    """Mails the reminder, at most once per link, if there is still something to remind of when it runs.

    ``version`` is that of the link it was planned for (``links.version``). Raises Retry and Discard as send_invite.
    """
    invitation = Invitation.objects.with_state().select_related("sender").filter(pk=invitation_id).first()
    if invitation is None or not links.is_version_of(invitation, version):
        return "the link is gone"
    if invitation.state not in REMINDABLE:
        return f"nothing to remind of: {invitation.state}"
    if invitation.reminded_at:
        return "already reminded"
    if invitation.reminding_at and not may_hand_over_again(invitation.reminding_at, timezone.now()):
        raise Discard(CUT_OFF)
    if suppressing.is_suppressed(invitation.email):
        return "the address gets no more mails"
    deliver(Reminder(invitation))
    return "reminded"
