"""The task that tells of an expiry. Nothing needs it to expire: that is derived from ``expires_at``."""

from invitations.models import Invitation
from invitations.shut_out import QUEUE
from invitations.states import InvitationState
from workers import task
from workers.events import tell_pages_of


@task(queue_name=QUEUE)
def tell_of_expiry(invitation_id: str) -> str:
    """Has the inviter's open pages show it. Looks first: accepted, revoked or sent again, there is nothing to tell."""
    invitation = Invitation.objects.with_state().filter(pk=invitation_id).first()
    if invitation is None or invitation.state != InvitationState.EXPIRED:
        return "not expired"
    tell_pages_of(invitation.sender_id)
    return "told"
