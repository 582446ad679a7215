"""The first mail of a link. From its hand-over the link's days are counted."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, When
from django.db.models.functions import Coalesce, Now

from invitations import links
from invitations.expiring import tell_of_expiry
from invitations.letter import Letter
from invitations.lifetime import expires_at, remind_at
from invitations.models import Invitation, InvitationQuerySet
from invitations.reminding import remind

# So that no rounding of a clock lets the job find the invitation not yet expired.
JUST_AFTER = timedelta(seconds=1)


class FirstMail(Letter):
    """Its fence is the job: once "Send again" has given the row a newer one, this run writes nothing more."""

    name = "invitation"

    @property
    def mark(self) -> datetime | None:
        return self.invitation.sending_at

    def held(self, mark: datetime | None) -> InvitationQuerySet:
        return self._marked(mark).filter(sent_at=None)

    def handed_over(self, mark: datetime) -> InvitationQuerySet:
        # The provider may have told of it before it answered (tracking.py).
        return self._marked(mark)

    def _marked(self, mark: datetime | None) -> InvitationQuerySet:
        return Invitation.objects.filter(pk=self.invitation.pk, job=self.invitation.job_id, sending_at=mark)

    def begun(self, mark: datetime) -> dict[str, Any]:
        # With the mark, so that the link of a mail of which nobody knows whether it was sent dies as well.
        return {"sending_at": mark, "expires_at": expires_at(mark), "error": ""}

    def taken(self, now: datetime, message_id: str) -> dict[str, Any]:
        return {"sent_at": Coalesce("sent_at", now), "message_id": message_id, "error": ""}

    def failed(self, mark: datetime | None, sentence: str) -> dict[str, Any]:
        told = {"sending_at": mark, "error": sentence}
        # An expiry that has come is an operator's, and stays.
        ended = Case(When(expires_at__lte=Now(), then="expires_at"), default=None)
        return told if mark else told | {"expires_at": ended}

    def plan(self, mark: datetime) -> None:
        """The reminder, and the news of the expiry. Both look again when they run; planned twice, they act once."""
        expiry, pk = expires_at(mark), str(self.invitation.pk)
        tell_of_expiry.using(run_after=expiry + JUST_AFTER).enqueue(pk)
        if when := remind_at(expiry):
            remind.using(run_after=when).enqueue(pk, links.version(self.invitation))
