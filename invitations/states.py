"""Where an invitation stands, derived from its own times and its job. Nothing copies the job's state."""

from datetime import datetime

from django.db.models import Case, CharField, Q, TextChoices, Value, When
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workers.models import JobState


class InvitationState(TextChoices):
    QUEUED = "queued", gettext_lazy("queued")
    SENDING = "sending", gettext_lazy("sending")
    RETRYING = "retrying", gettext_lazy("retrying")
    SENT = "sent", gettext_lazy("sent")
    ACCEPTED = "accepted", gettext_lazy("accepted")
    UNKNOWN = "unknown", gettext_lazy("may have been sent")
    FAILED = "failed", gettext_lazy("not sent")
    DISCARDED = "discarded", gettext_lazy("given up")
    CANCELLED = "cancelled", gettext_lazy("cancelled")

    @property
    def tone(self) -> str:
        """``good``, ``wait`` or ``bad``: how the pages colour it."""
        if self in (InvitationState.SENT, InvitationState.ACCEPTED):
            return "good"
        return "wait" if self in ON_ITS_WAY else "bad"


ON_ITS_WAY = frozenset({InvitationState.QUEUED, InvitationState.SENDING, InvitationState.RETRYING})
OPEN = ON_ITS_WAY | {InvitationState.SENT, InvitationState.UNKNOWN}
"""The recipient has a mail, may have one, or will: a second invitation would be a second mail."""
RESENDABLE = frozenset(
    {InvitationState.UNKNOWN, InvitationState.FAILED, InvitationState.DISCARDED, InvitationState.CANCELLED}
)


def derived_state() -> Case:
    """The one rule, as SQL, so that pages, filters and locks agree. The first line that holds decides.

    A hand-over that was begun and never concluded is unknown as soon as no run holds it any more. A job that is
    gone, pruned or never linked, joins as NULL and falls through to ``failed``.
    """
    waiting = Q(job__state__in=[JobState.SCHEDULED, JobState.READY])
    rules = [
        (Q(accepted_at__isnull=False), InvitationState.ACCEPTED),
        (Q(sent_at__isnull=False), InvitationState.SENT),
        (Q(job__state=JobState.RUNNING), InvitationState.SENDING),
        (Q(sending_at__isnull=False), InvitationState.UNKNOWN),
        (waiting & Q(job__attempts__gt=0), InvitationState.RETRYING),
        (waiting, InvitationState.QUEUED),
        (Q(job__state=JobState.DISCARDED), InvitationState.DISCARDED),
        (Q(job__state=JobState.CANCELLED), InvitationState.CANCELLED),
    ]
    return Case(
        *(When(condition, then=Value(state.value)) for condition, state in rules),
        default=Value(InvitationState.FAILED.value),
        output_field=CharField(),
    )


def explain(state: InvitationState, error: str, next_try: datetime | None) -> str:
    """What the inviter should know beyond the state's name; empty when the name says it all."""
    match state:
        case InvitationState.RETRYING:
            when = date_format(localtime(next_try), "j M Y, H:i") if next_try else _("soon")
            return _("%(error)s Next try: %(when)s.") % {"error": error or _("The last try failed."), "when": when}
        case InvitationState.UNKNOWN:
            return error or _("The mail may have been sent: sending it was cut off. Send it again if it never arrives.")
        case InvitationState.FAILED:
            return error or _("Nothing was sent: the job behind it failed, or is gone.")
        case InvitationState.DISCARDED:
            return error or _("Nothing was sent: the job behind it was discarded.")
        case InvitationState.CANCELLED:
            return _("Nothing was sent: the job behind it was cancelled.")
    return ""
