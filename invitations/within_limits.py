"""Inviting as people may: each act of theirs, with the limits in the same transaction. Code that is trusted calls
``inviting`` itself."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from invitations import inviting, limits
from invitations.models import Invitation, Resend


@transaction.atomic
def invite(sender: User, email: str, origin: str | None = None, note: str = "") -> Invitation:
    """As ``inviting.invite``; also raises ValidationError when it is one too many, with when to try again."""
    invitation = inviting.invite(sender, email, note, origin)
    limits.check_one(sender, invitation.email, origin, timezone.now())
    return invitation


@transaction.atomic
def send_again(sender: User, invitation_id: UUID, email: str = "") -> Invitation:
    """As ``inviting.send_again``; also raises ValidationError when it is one too many, with when to try again."""
    now = timezone.now()
    before = Invitation.objects.filter(pk=invitation_id).values_list("email", flat=True).first()
    invitation = inviting.send_again(sender, invitation_id, email)
    Resend.objects.filter(sender=sender, created_at__lt=now - limits.DAY).delete()
    # The row counts for the address it has now: without a line for the former one, whoever goes back and forth between
    # two addresses could mail both without end.
    for address in sorted({before or invitation.email, invitation.email}):
        Resend.objects.create(sender=sender, email=address)
    limits.check_one(sender, invitation.email, None, now)
    return invitation
