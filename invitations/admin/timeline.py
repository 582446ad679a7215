"""An invitation's life: its own times, its job's attempts and the provider's words, in the order of time."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from invitations.models import Invitation, ProviderEvent
from workers.admin.life import Moment, life_of
from workers.models import Job

GOOD_NEWS = {"sent", "delivered", "opened", "clicked"}
BAD_NEWS = {"bounced", "rejected", "failed", "complained", "unsubscribed"}


def timeline_of(invitation: Invitation, *, with_job: bool, now: datetime) -> list[Moment]:
    """``with_job``: also its latest job's life, for whoever may see jobs. What is known without its time comes last."""
    events = list(invitation.provider_events.all())
    moments = [*own_moments(invitation, now), *map(told, events)]
    heard = {event.kind for event in events}
    moments += provider_moments(invitation, heard)
    if with_job and invitation.job_id and (job := Job.objects.filter(pk=invitation.job_id).first()):
        moments += job_moments(job)
    return in_order(moments)


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    moments = list(moments)
    dated = [(moment.at, number) for number, moment in enumerate(moments) if moment.at]
    return [*(moments[number] for at, number in sorted(dated)), *(each for each in moments if each.at is None)]


def own_moments(invitation: Invitation, now: datetime) -> Iterator[Moment]:
    sender = invitation.sender.get_username()
    yield Moment(invitation.created_at, _("invited"), _("by %s") % sender)
    if invitation.sending_at:
        yield Moment(invitation.sending_at, _("mail being handed over"))
    if invitation.sent_at:
        yield Moment(invitation.sent_at, _("mail taken"), invitation.message_id, "good")
    if invitation.reminded_at:
        yield Moment(invitation.reminded_at, _("reminded"), tone="good")
    if invitation.accepted_at:
        by = invitation.accepted_by.get_username() if invitation.accepted_by else ""
        yield Moment(invitation.accepted_at, _("accepted"), _("by %s") % by if by else "", "good")
    if invitation.revoked_at:
        yield Moment(invitation.revoked_at, _("revoked"), tone="bad")
    if invitation.expires_at and not invitation.accepted_at:
        over = invitation.expires_at <= now
        yield Moment(invitation.expires_at, _("expired") if over else _("expires"), tone="bad" if over else "wait")


def provider_moments(invitation: Invitation, heard: set[str]) -> Iterator[Moment]:
    """What the row says that no event tells, as after events were deleted."""
    for kind in ("deferred", "delivered", "opened", "bounced", "complained"):
        if kind not in heard and (at := getattr(invitation, f"{kind}_at")):
            yield Moment(at, kind, invitation.provider_reason, tone_of(kind))


def told(event: ProviderEvent) -> Moment:
    return Moment(event.happened_at, f"{event.kind} ({event.provider})", event.reason, tone_of(event.kind))


def tone_of(kind: str) -> str:
    return "good" if kind in GOOD_NEWS else "bad" if kind in BAD_NEWS else "wait"


def job_moments(job: Job) -> Iterator[Moment]:
    for moment in life_of(job, list(job.failures.order_by("id"))):
        yield Moment(moment.at, _("job %s") % moment.title, moment.said, moment.tone, moment.traceback)
