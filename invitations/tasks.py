"""The task on the ``send-invite`` channel."""

from invitations.delivery import deliver
from invitations.models import Invitation
from workers import Discard, Exponential, task
from workers.results import TaskContext

CUT_OFF = (
    "The mail may have been sent: an earlier run was cut off while handing it over. Send it again if it never arrives."
)


@task(
    queue_name="send-invite",
    max_attempts=5,
    # Up to half a minute after the first failure, half an hour after the fourth: greylisting asks for that much.
    backoff=Exponential(base=30, factor=4),
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
    if invitation.sending_at:
        Invitation.objects.filter(pk=invitation.pk, job=invitation.job_id, sent_at=None).update(error=CUT_OFF)
        raise Discard(CUT_OFF)
    deliver(invitation)
    return "sent"
