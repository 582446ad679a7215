"""Runs one attempt of an invitation's job as a worker would, and hands on what it raises."""

from invitations.models import Invitation
from invitations.tasks import send_invite
from workers.context import TaskContext
from workers.models import Job, JobState
from workers.results import from_job


def attempt(invitation: Invitation) -> str:
    job = job_of(invitation)
    return send_invite.call(TaskContext(task_result=from_job(job)), str(invitation.pk))


def job_of(invitation: Invitation) -> Job:
    assert invitation.job_id
    return Job.objects.get(pk=invitation.job_id)


def end_job(invitation: Invitation, state: JobState, **fields: object) -> None:
    """As the runner, or an operator, would have left it."""
    Job.objects.filter(pk=job_of(invitation).pk).update(state=state, **fields)


def read(invitation: Invitation) -> Invitation:
    return Invitation.objects.with_state().get(pk=invitation.pk)
