"""Every combination of an invitation's own times and its job gives the state the rule in words says."""

from itertools import product
from uuid import uuid4

import pytest
from django.utils import timezone

from invitations.models import Invitation
from invitations.states import ON_ITS_WAY, OPEN, RESENDABLE, InvitationState, explain
from tests.invitations.running import end_job, read
from workers.models import Job, JobState

GONE = "gone"
NOW = timezone.now()


def expected(accepted: bool, sent: bool, marked: bool, job: str, attempts: int) -> str:
    """The rule as a person would say it, written without looking at the SQL."""
    if accepted:
        return "accepted"
    if sent:
        return "sent"
    if job == "RUNNING":
        return "sending"
    if marked:
        return "unknown"
    if job in ("READY", "SCHEDULED"):
        return "retrying" if attempts else "queued"
    return {"DISCARDED": "discarded", "CANCELLED": "cancelled"}.get(job, "failed")


@pytest.mark.parametrize("job", [*JobState.values, GONE])
def test_the_state_follows_from_the_times_and_the_job(invitation, job):
    if job == GONE:
        Invitation.objects.update(job=uuid4())
    for accepted, sent, marked, attempts in product([False, True], [False, True], [False, True], [0, 2]):
        if job != GONE:
            end_job(invitation, JobState(job), attempts=attempts)
        Invitation.objects.update(
            accepted_at=NOW if accepted else None, sent_at=NOW if sent else None, sending_at=NOW if marked else None
        )
        told = expected(accepted, sent, marked, job, attempts)
        assert read(invitation).state == told, (accepted, sent, marked, job, attempts)
        assert Invitation.objects.with_state().filter(state=told).count() == 1  # type: ignore[misc]


def test_an_invitation_that_never_had_a_job_is_not_sent(ada):
    Invitation.objects.create(sender=ada, email="guest@example.com")
    assert Invitation.objects.with_state().get().state == "failed"


def test_a_pruned_job_leaves_the_invitation_where_it_was(invitation):
    Invitation.objects.update(sent_at=NOW)
    Job.objects.filter(pk=invitation.job_id)._raw_delete("default")
    assert read(invitation).state == "sent"
    assert read(invitation).job_state is None


def test_states_and_jobs_come_in_one_query(invitation, django_assert_num_queries):
    with django_assert_num_queries(1):
        (found,) = Invitation.objects.with_state()
        assert (found.state, found.job_state, found.job_attempts) == ("queued", "READY", 0)


def test_each_state_is_either_on_its_way_or_to_be_sent_again_or_settled():
    settled = {InvitationState.SENT, InvitationState.ACCEPTED}
    assert ON_ITS_WAY | RESENDABLE | settled == set(InvitationState)
    assert not ON_ITS_WAY & RESENDABLE
    assert InvitationState.UNKNOWN in OPEN & RESENDABLE


def test_a_retry_tells_why_and_when():
    told = explain(InvitationState.RETRYING, "The mail server could not be reached.", NOW)
    assert told.startswith("The mail server could not be reached. Next try: ")


@pytest.mark.parametrize("state", sorted(RESENDABLE))
def test_a_mail_that_was_not_sent_explains_itself_even_without_an_error(state):
    assert explain(InvitationState(state), "", None)


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "accepted"])
def test_a_state_that_says_it_all_is_not_explained(state):
    assert explain(InvitationState(state), "old news", NOW) == ""


@pytest.mark.parametrize(
    ("state", "tone"), [("sent", "good"), ("accepted", "good"), ("queued", "wait"), ("unknown", "bad")]
)
def test_states_have_a_tone(state, tone):
    assert InvitationState(state).tone == tone
