"""How far a batch is: its invitations by state, counted in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from invitations.models import Batch, Invitation
from invitations.states import ON_ITS_WAY, InvitationState


@dataclass(frozen=True)
class Outcome:
    """So many invitations of a batch stand so."""

    state: InvitationState
    count: int


@dataclass(frozen=True)
class Progress:
    """``total`` are the invitations that there still are."""

    outcomes: list[Outcome]
    latest: datetime | None

    @property
    def total(self) -> int:
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def done(self) -> int:
        return sum(outcome.count for outcome in self.outcomes if outcome.state not in ON_ITS_WAY)

    @property
    def is_complete(self) -> bool:
        return self.done == self.total


def progress_of(batch: Batch) -> Progress:
    rows = Invitation.objects.with_state().filter(batch=batch).order_by()
    by_state = rows.values("state")  # type: ignore[misc]
    counted = by_state.annotate(count=Count("pk"), sent=Max("sent_at"), ended=Max("job__finished_at"))
    found: Mapping[str, Mapping] = {row["state"]: row for row in counted}
    times = [row[name] for row in found.values() for name in ("sent", "ended") if row[name]]
    # In the order of the states, so that a line stays where it is while the numbers change.
    outcomes = [Outcome(state, found[state]["count"]) for state in InvitationState if state in found]
    return Progress(outcomes, max(times, default=None))


def conclude(batch: Batch, progress: Progress) -> None:
    """Writes down once when the last mail was settled. Whoever looks does it: no job has to count its neighbours."""
    if batch.sent_at and not batch.finished_at and progress.is_complete:
        batch.finished_at = max(progress.latest or batch.sent_at, batch.sent_at)
        Batch.objects.filter(pk=batch.pk, finished_at=None).update(finished_at=batch.finished_at)
