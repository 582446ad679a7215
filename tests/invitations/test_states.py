"""Every combination of an invitation's own times and its job gives the state the rule in words says."""

from collections import Counter
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.utils import timezone

from invitations.inviting import invite
from invitations.models import Invitation
from invitations.states import ENDED, ON_ITS_WAY, OPEN, RESENDABLE, InvitationState, explain
from tests.invitations.running import end_job, read
from workers.models import Job, JobState

NOW = timezone.now()
PAST, FUTURE = NOW - timedelta(days=1), NOW + timedelta(days=1)
TIMES = ("accepted_at", "revoked_at", "complained_at", "bounced_at", "delivered_at", "deferred_at", "sent_at")
WAITING = (JobState.READY, JobState.SCHEDULED)


def expected(invitation: Invitation, job: str, attempts: int) -> str:
    """The rule as a person would say it, written without looking at the SQL."""
    for name in ("accepted", "revoked", "complained", "bounced", "expired", "delivered", "deferred", "sent"):
        if invitation.expires_at == PAST if name == "expired" else getattr(invitation, f"{name}_at"):
            return name
    if job == "RUNNING":
        return "sending"
    if invitation.sending_at:
        return "unknown"
    if job in WAITING:
        return "retrying" if attempts else "queued"
    return {"DISCARDED": "discarded", "CANCELLED": "cancelled"}.get(job, "failed")


def test_the_state_follows_from_the_times_and_the_job(ada):
    jobs = {uuid4(): ("gone", 0)}
    for state, attempts in product(JobState.values, [0, 2]):
        if attempts == 0 or state in WAITING:
            invitation = invite(ada, f"{state}{attempts}@example.com")
            end_job(invitation, JobState(state), attempts=attempts)
            jobs[invitation.job_id] = (state, attempts)
    Invitation.objects.all().delete()
    Invitation.objects.bulk_create(
        [
            Invitation(
                sender=ada, email="guest@example.com", job_id=job, sending_at=sending_at, expires_at=expires_at, **times
            )
            for job in jobs
            for sending_at, expires_at in product([None, PAST], [None, PAST, FUTURE])
            for times in (dict(zip(TIMES, ats, strict=True)) for ats in product([None, PAST], repeat=len(TIMES)))
        ]
    )
    found = [*Invitation.objects.with_state()]
    assert len(found) == len(jobs) * 6 * 2 ** len(TIMES)
    for invitation in found:
        assert invitation.state == expected(invitation, *jobs[invitation.job_id]), invitation.__dict__
    assert {invitation.state for invitation in found} == set(InvitationState.values)
    for state, count in Counter(invitation.state for invitation in found).items():
        assert Invitation.objects.with_state().filter(state=state).count() == count  # type: ignore[misc]


def test_a_mail_that_was_opened_was_delivered(invitation):
    Invitation.objects.update(sent_at=PAST, opened_at=PAST)
    assert read(invitation).state == "delivered"


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
    assert set(InvitationState) == ON_ITS_WAY | RESENDABLE | ENDED
    assert not ON_ITS_WAY & RESENDABLE
    assert not ENDED & (ON_ITS_WAY | RESENDABLE)
    assert InvitationState.UNKNOWN in OPEN & RESENDABLE


def test_a_retry_tells_why_and_when():
    told = explain(InvitationState.RETRYING, "The mail server could not be reached.", NOW)
    assert told.startswith("The mail server could not be reached. Next try: ")


@pytest.mark.parametrize("state", ["unknown", "failed", "discarded", "cancelled", "expired", "revoked"])
def test_a_mail_that_was_not_sent_explains_itself_even_without_an_error(state):
    assert explain(InvitationState(state), "", None)


@pytest.mark.parametrize("state", ["sending", "sent", "accepted"])
def test_a_state_that_says_it_all_is_not_explained(state):
    assert explain(InvitationState(state), "old news", NOW) == ""


@pytest.mark.parametrize(
    ("state", "tone"), [("sent", "good"), ("accepted", "good"), ("queued", "wait"), ("unknown", "bad")]
)
def test_states_have_a_tone(state, tone):
    assert InvitationState(state).tone == tone
