"""Where an invitation stands, derived from its own times and its job. Nothing copies the job's state."""

from datetime import datetime

from django.db.models import Case, CharField, Q, TextChoices, Value, When
from django.db.models.functions import Now
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
    DEFERRED = "deferred", gettext_lazy("delayed")
    DELIVERED = "delivered", gettext_lazy("delivered")
    BOUNCED = "bounced", gettext_lazy("bounced")
    COMPLAINED = "complained", gettext_lazy("called spam")
    ACCEPTED = "accepted", gettext_lazy("accepted")
    EXPIRED = "expired", gettext_lazy("expired")
    REVOKED = "revoked", gettext_lazy("revoked")
    UNKNOWN = "unknown", gettext_lazy("may have been sent")
    FAILED = "failed", gettext_lazy("not sent")
    DISCARDED = "discarded", gettext_lazy("given up")
    CANCELLED = "cancelled", gettext_lazy("cancelled")

    @property
    def tone(self) -> str:
        """``good``, ``wait`` or ``bad``: how the pages colour it."""
        if self in ARRIVED | {InvitationState.ACCEPTED}:
            return "good"
        return "wait" if self in ON_ITS_WAY | {InvitationState.DEFERRED} else "bad"


ON_ITS_WAY = frozenset({InvitationState.QUEUED, InvitationState.SENDING, InvitationState.RETRYING})
ARRIVED = frozenset({InvitationState.SENT, InvitationState.DELIVERED})
OPEN = ON_ITS_WAY | ARRIVED | {InvitationState.DEFERRED, InvitationState.UNKNOWN}
"""The recipient has a mail, may have one, or will: a second invitation would be a second mail."""
ENDED = frozenset({InvitationState.ACCEPTED, InvitationState.COMPLAINED})
"""Nothing more is ever sent."""
RESENDABLE = frozenset(InvitationState) - ON_ITS_WAY - ENDED
REVOCABLE = OPEN | {InvitationState.BOUNCED, InvitationState.COMPLAINED}
"""There is a link, or will be, that somebody may open."""
REMINDABLE = ARRIVED | {InvitationState.DEFERRED}


def live_links() -> Q:
    """Whose link is neither revoked nor expired, by the database's clock."""
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))


def derived_state() -> Case:
    """The one rule, as SQL, so that pages, filters and locks agree. The first line that holds decides.

    A hand-over that was begun and never concluded is unknown as soon as no run holds it any more. A job that is
    gone, pruned or never linked, joins as NULL and falls through to ``failed``. What the provider tells has its place
    among the lines and not in time, so that its events may come in any order.
    """
    waiting = Q(job__state__in=[JobState.SCHEDULED, JobState.READY])
    rules = [
        (Q(accepted_at__isnull=False), InvitationState.ACCEPTED),
        (Q(revoked_at__isnull=False), InvitationState.REVOKED),
        (Q(complained_at__isnull=False), InvitationState.COMPLAINED),
        (Q(bounced_at__isnull=False), InvitationState.BOUNCED),
        (Q(expires_at__lte=Now()), InvitationState.EXPIRED),
        (Q(delivered_at__isnull=False) | Q(opened_at__isnull=False), InvitationState.DELIVERED),
        (Q(deferred_at__isnull=False), InvitationState.DEFERRED),
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


TOLD_BY_PROVIDER = {
    InvitationState.DEFERRED: gettext_lazy("The recipient's mail server asks to wait%s"),
    InvitationState.BOUNCED: gettext_lazy("The mail did not arrive%s"),
    InvitationState.COMPLAINED: gettext_lazy("The recipient called the mail spam, and gets no more%s"),
}
"""Sentences whose end is the provider's reason."""
WITHOUT_ERROR = {
    InvitationState.QUEUED: "",
    InvitationState.UNKNOWN: gettext_lazy(
        "The mail may have been sent: sending it was cut off. Send it again if it never arrives."
    ),
    InvitationState.FAILED: gettext_lazy("Nothing was sent: the job behind it failed, or is gone."),
    InvitationState.DISCARDED: gettext_lazy("Nothing was sent: the job behind it was discarded."),
}
"""What is said where the last try left no error to tell."""
SETTLED = {
    InvitationState.CANCELLED: gettext_lazy("Nothing was sent: the job behind it was cancelled."),
    InvitationState.EXPIRED: gettext_lazy(
        "It was not accepted in time, and its link is dead. Send it again for a new one."
    ),
    InvitationState.REVOKED: gettext_lazy("Its link is dead."),
}
"""An error of an earlier try is beside the point."""


def explain(state: InvitationState, error: str, next_try: datetime | None, provider_reason: str = "") -> str:
    """What the inviter should know beyond the state's name; empty when the name says it all."""
    if state in TOLD_BY_PROVIDER:
        return str(TOLD_BY_PROVIDER[state]) % (f": “{provider_reason}”." if provider_reason else ".")
    if state is InvitationState.RETRYING:
        when = date_format(localtime(next_try), "j M Y, H:i") if next_try else _("soon")
        return _("%(error)s Next try: %(when)s.") % {"error": error or _("The last try failed."), "when": when}
    if state in WITHOUT_ERROR:
        return error or str(WITHOUT_ERROR[state])
    return str(SETTLED.get(state, ""))
