"""What an operator does to invitations, whoever sent them: each in a transaction of its own, with its log."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from invitations import inviting
from invitations.models import Invitation
from invitations.states import OPEN, RESENDABLE, REVOCABLE, InvitationState
from workers import steering
from workers.after_commit import after_commit
from workers.events import tell_pages_of


@dataclass(frozen=True)
class Act:
    """``states``: those it can be done in. ``apply`` takes the locked invitation and the operator; raises
    ValidationError with the reason not to."""

    done: str
    states: frozenset[InvitationState]
    apply: Callable[[Invitation, AbstractBaseUser], None]


def resend(invitation: Invitation, by: AbstractBaseUser) -> None:
    inviting.send_again(invitation.sender, invitation.pk)


def revoke(invitation: Invitation, by: AbstractBaseUser) -> None:
    inviting.revoke(invitation.sender, invitation.pk, by=by)


def expire(invitation: Invitation, by: AbstractBaseUser) -> None:
    """As if its days were over; a mail that is still on its way is called off."""
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    if invitation.job_id:
        steering.cancel([invitation.job_id], by=by.get_username())
    after_commit(None, tell_pages_of, invitation.sender_id)


def retry(invitation: Invitation, by: AbstractBaseUser) -> None:
    """The same mail with the same link, now."""
    others = Invitation.objects.filter(sender=invitation.sender, email=invitation.email).exclude(pk=invitation.pk)
    if others.with_state().filter(state__in=OPEN).exists():  # type: ignore[misc]
        raise ValidationError("replaced by a newer invitation")
    if invitation.job_id is None or not steering.retry([invitation.job_id]):
        raise ValidationError("whose job is gone")


RESEND = Act("sent again", RESENDABLE, resend)
REVOKE = Act("revoked", REVOCABLE, revoke)
EXPIRE = Act("expired", OPEN, expire)
RETRY = Act(
    "tried again",
    frozenset(
        {
            InvitationState.RETRYING,
            InvitationState.FAILED,
            InvitationState.DISCARDED,
            InvitationState.CANCELLED,
        }
    ),
    retry,
)


LONGEST = 15.0
"""Seconds that one request may go on beginning with another: what stands in front, as Heroku's router, gives up after
thirty."""


def carry_out(
    act: Act, ids: Iterable[UUID], user: AbstractBaseUser, clock: Callable[[], float] = monotonic
) -> tuple[int, Counter[str]]:
    """To how many it was done, and how many were left as they were, by the reason. Fewer than ``ids``, when the
    time was over before."""
    done, left = 0, Counter[str]()
    end = clock() + LONGEST
    for pk in ids:
        if clock() >= end:
            break
        if reason := _do(act, pk, user):
            left[reason] += 1
        else:
            done += 1
    return done, left


def report(act: Act, done: int, left: Counter[str]) -> str:
    """Such as "2 of 3 invitations revoked. Left as they were: 1 accepted."."""
    selected = done + left.total()
    count = f"{done:,}" if done == selected else f"{done:,} of {selected:,}"
    told = f"{count} invitation{'' if selected == 1 else 's'} {act.done}."
    if left:
        told += f" Left as they were: {', '.join(f'{number:,} {why}' for why, number in left.most_common())}."
    return told


def _do(act: Act, pk: UUID, user: AbstractBaseUser) -> str:
    """Why it was not done, or ""."""
    try:
        with transaction.atomic():
            found = Invitation.objects.select_related("sender").filter(pk=pk).first()
            if found is None:
                return "gone"
            # In the order in which everybody takes these locks.
            inviting.take_turns(found.sender)
            Invitation.objects.select_for_update().get(pk=pk)
            invitation = Invitation.objects.with_state().select_related("sender").get(pk=pk)
            if invitation.state not in act.states:
                return invitation.state_label
            act.apply(invitation, user)
            LogEntry.objects.create(
                user_id=user.pk,
                content_type=ContentType.objects.get_for_model(Invitation),
                object_id=str(pk),
                object_repr=invitation.email[:200],
                action_flag=CHANGE,
                change_message=f"{act.done.capitalize()}.",
            )
    except Invitation.DoesNotExist:
        return "gone"
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
