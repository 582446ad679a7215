"""The task on the ``send-invite`` channel."""

from django.utils import timezone

from invitations.delivery import PATIENCE, TRIES, deliver
from invitations.first_mail import FirstMail
from invitations.models import Invitation
from invitations.providers import may_hand_over_again
from invitations.shut_out import QUEUE
from workers import Discard, task
from workers.context import TaskContext

CUT_OFF = (
    "The mail may have been sent: an earlier run was cut off while handing it over. Send it again if it never arrives."
)


@task(
    queue_name=QUEUE,
    max_attempts=TRIES,
    backoff=PATIENCE,
    timeout=60,
    takes_context=True,
)
def send_invite(context: TaskContext, invitation_id: str) -> str:
    """Mails the invitation, at most once per link as far as a mail can be: a later run sends nothing.

    Raises Retry where the mail was surely not accepted, and Discard where it never will be or nobody can know.
    """
    invitation = Invitation.objects.select_related("sender").filter(pk=invitation_id).first()
    if invitation is None:
        raise Discard("The invitation was deleted before its mail was sent.")
    if str(invitation.job_id) != context.task_result.id:
        raise Discard("The invitation was sent again by a newer job.")
    if invitation.sent_at or invitation.accepted_at:
        return "already sent"
    letter = FirstMail(invitation)
    if letter.mark and not may_hand_over_again(letter.mark, timezone.now()):
        if letter.held(letter.mark).update(error=CUT_OFF):
            letter.plan(letter.mark)
        raise Discard(CUT_OFF)
    if invitation.revoked_at:
        raise Discard("The invitation was revoked before its mail was sent.")
    if invitation.expires_at and invitation.expires_at <= timezone.now():
        raise Discard("The invitation expired before its mail was sent.")
    deliver(letter)
    return "sent"
