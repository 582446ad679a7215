"""What people do with invitations: invite, send again, cancel, revoke, accept. Each is one transaction, and double
clicks are safe."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations import suppressing
from invitations.models import Invitation, InvitationQuerySet, normalize_email
from invitations.plain_words import checked_note
from invitations.states import OPEN, live_links
from invitations.tasks import send_invite
from workers import steering
from workers.after_commit import after_commit
from workers.events import tell_pages_of
from workers.models import JobState


@transaction.atomic
def invite(sender: User, email: str, note: str = "", origin: str | None = None) -> Invitation:
    """Creates the invitation and enqueues its mail. Raises ValidationError with a sentence for the sender."""
    email, note = _checked(email), checked_note(note)
    take_turns(sender)
    suppressing.refuse(email)
    _refuse_a_second_mail(Invitation.objects.filter(sender=sender, email=email))
    invitation = Invitation.objects.create(sender=sender, email=email, note=note, origin=origin)
    _enqueue(invitation)
    return invitation


@transaction.atomic
def send_again(sender: User, invitation_id: UUID, email: str = "") -> Invitation:
    """Enqueues another mail with a new link, to this address if one is given; the old link is dead from then on.

    Raises Invitation.DoesNotExist unless it is the sender's own, and ValidationError when nothing is to be sent again.
    """
    if email:
        email = _checked(email)
    take_turns(sender)
    # Locked first and looked at second: a job that is just being run again must be seen as it is after the lock.
    Invitation.objects.select_for_update().get(pk=invitation_id, sender=sender)
    invitation = Invitation.objects.with_state().get(pk=invitation_id)
    if not invitation.can_be_sent_again:
        raise _as_it_stands(_("Nothing was sent again: the invitation to %(email)s is %(state)s."), invitation)
    invitation.email = email or invitation.email
    suppressing.refuse(invitation.email)
    _refuse_a_second_mail(Invitation.objects.filter(sender=sender, email=invitation.email).exclude(pk=invitation_id))
    invitation.renew_link()
    _enqueue(invitation)
    return invitation


@transaction.atomic
def cancel(sender: User, invitation_id: UUID) -> tuple[Invitation, bool]:
    """Calls off the mail. True: nothing is sent; False: it is just being sent, and not tried again if that fails.

    Raises Invitation.DoesNotExist unless it is the sender's own, and ValidationError when no mail is on its way.
    """
    invitation = Invitation.objects.with_state().get(pk=invitation_id, sender=sender)
    jobs = steering.cancel([invitation.job_id], by=sender.get_username()) if invitation.job_id else []
    if not jobs:
        raise _as_it_stands(_("Nothing was cancelled: the invitation to %(email)s is %(state)s."), invitation)
    return invitation, jobs[0].state == JobState.CANCELLED


@transaction.atomic
def revoke(sender: User, invitation_id: UUID, *, by: AbstractBaseUser | None = None) -> Invitation:
    """The link is dead from now on, and a mail that is still on its way is called off. ``by`` is who does it, if it is
    not the sender.

    Raises Invitation.DoesNotExist unless it is the sender's own, and ValidationError when there is no link to revoke.
    """
    Invitation.objects.select_for_update().get(pk=invitation_id, sender=sender)
    invitation = Invitation.objects.with_state().get(pk=invitation_id)
    if not invitation.can_be_revoked:
        raise _as_it_stands(_("Nothing was revoked: the invitation to %(email)s is %(state)s."), invitation)
    Invitation.objects.filter(pk=invitation_id).update(revoked_at=timezone.now())
    if invitation.job_id:
        steering.cancel([invitation.job_id], by=(by or sender).get_username())
    after_commit(None, tell_pages_of, invitation.sender_id)
    return invitation


@transaction.atomic
def accept(invitation: Invitation, by: User | None = None) -> bool:
    """True for the first time; False ever after, and when the link has died meanwhile. ``by`` is whose account it is.

    Raises ValidationError when that account has another address than the invited one.
    """
    if by is not None and not invitation.is_for(by):
        raise ValidationError(_("This invitation was sent to another address than that of your account."))
    still_open = Invitation.objects.filter(live_links(), pk=invitation.pk, key=invitation.key, accepted_at=None)
    first = still_open.update(accepted_at=timezone.now(), accepted_by=by)
    if first:
        after_commit(None, tell_pages_of, invitation.sender_id)
    return bool(first)


def _checked(email: str) -> str:
    email = normalize_email(email)
    Invitation._meta.get_field("email").clean(email, None)
    return email


def take_turns(sender: User) -> None:
    """Until the transaction ends no other request of this sender passes here, or both would find the address free."""
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=sender.pk)


def _refuse_a_second_mail(others: InvitationQuerySet) -> None:
    """``others`` are the sender's other invitations to the same address."""
    if other := others.with_state().filter(state__in=OPEN).first():  # type: ignore[misc]
        raise _as_it_stands(_("You have already invited %(email)s: that invitation is %(state)s."), other)


def _as_it_stands(sentence: str, invitation: Invitation) -> ValidationError:
    """``sentence`` names the ``email`` and the ``state``, which is why nothing was done."""
    return ValidationError(sentence % {"email": invitation.email, "state": invitation.state_label})


def _enqueue(invitation: Invitation) -> None:
    result = send_invite.using(owner=invitation.sender_id).enqueue(str(invitation.pk))
    invitation.job_id = UUID(result.id)
    invitation.save()
