"""What people do with invitations: invite, send again, accept. Each is one transaction, safe against double clicks."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations.models import Invitation, InvitationQuerySet, new_key, normalize_email
from invitations.states import OPEN
from invitations.tasks import send_invite


@transaction.atomic
def invite(sender: User, email: str) -> Invitation:
    """Creates the invitation and enqueues its mail. Raises ValidationError with a sentence for the sender."""
    email = normalize_email(email)
    Invitation._meta.get_field("email").clean(email, None)
    _take_turns(sender)
    _refuse_a_second_mail(Invitation.objects.filter(sender=sender, email=email))
    invitation = Invitation.objects.create(sender=sender, email=email)
    _enqueue(invitation)
    return invitation


@transaction.atomic
def send_again(sender: User, invitation_id: UUID) -> Invitation:
    """Enqueues another mail with a new link; the old link is dead from then on.

    Raises Invitation.DoesNotExist unless it is the sender's own, and ValidationError when nothing is to be sent again.
    """
    _take_turns(sender)
    # Locked first and looked at second: a job that is just being run again must be seen as it is after the lock.
    Invitation.objects.select_for_update().get(pk=invitation_id, sender=sender)
    invitation = Invitation.objects.with_state().get(pk=invitation_id)
    if not invitation.can_be_sent_again:
        raise ValidationError(
            _("Nothing was sent again: the invitation to %(email)s is %(state)s.")
            % {"email": invitation.email, "state": invitation.state_label}
        )
    _refuse_a_second_mail(Invitation.objects.filter(sender=sender, email=invitation.email).exclude(pk=invitation_id))
    invitation.key, invitation.sending_at = new_key(), None
    invitation.message_id = invitation.error = ""
    _enqueue(invitation)
    return invitation


def accept(invitation: Invitation) -> bool:
    """True for the first time, False ever after."""
    return bool(
        Invitation.objects.filter(pk=invitation.pk, key=invitation.key, accepted_at=None).update(
            accepted_at=timezone.now()
        )
    )


def _take_turns(sender: User) -> None:
    """Until the transaction ends no other request of this sender passes here, or both would find the address free."""
    get_user_model()._default_manager.select_for_update(no_key=True).get(pk=sender.pk)


def _refuse_a_second_mail(others: InvitationQuerySet) -> None:
    """``others`` are the sender's other invitations to the same address."""
    if other := others.with_state().filter(state__in=OPEN).first():  # type: ignore[misc]
        raise ValidationError(
            _("You have already invited %(email)s: that invitation is %(state)s.")
            % {"email": other.email, "state": other.state_label}
        )


def _enqueue(invitation: Invitation) -> None:
    result = send_invite.enqueue(str(invitation.pk))
    invitation.job_id = UUID(result.id)
    invitation.save()
