"""Sending again, from every state that allows it: a new link, and nothing left of the old mail."""

from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField
from django.utils import timezone

from invitations import links
from invitations.inviting import send_again
from invitations.models import Invitation
from invitations.models.invitation import TIMES_OF_ONE_LINK
from invitations.states import RESENDABLE
from tests.invitations.guest import open_link
from tests.invitations.running import end_job, read
from workers.models import JobState
from workers.testing import drain

NOW = timezone.now()
SENT = {"sending_at": NOW, "sent_at": NOW}
# What makes the state: the invitation's own fields, and its job.
STATES = {
    "sent": (SENT, JobState.SUCCESSFUL),
    "delivered": (SENT | {"delivered_at": NOW, "opened_at": NOW}, JobState.SUCCESSFUL),
    "deferred": (SENT | {"deferred_at": NOW}, JobState.SUCCESSFUL),
    "bounced": (SENT | {"bounced_at": NOW, "provider_reason": "no such box"}, JobState.SUCCESSFUL),
    "expired": (SENT | {"expires_at": NOW, "reminding_at": NOW, "reminded_at": NOW}, JobState.SUCCESSFUL),
    "revoked": (SENT | {"revoked_at": NOW}, JobState.SUCCESSFUL),
    "unknown": ({"sending_at": NOW, "error": "who knows"}, JobState.DISCARDED),
    "failed": ({"error": "it broke"}, JobState.FAILED),
    "discarded": ({"error": "refused"}, JobState.DISCARDED),
    "cancelled": ({}, JobState.CANCELLED),
}


def test_every_state_that_allows_it_is_tried_here():
    assert set(STATES) == set(RESENDABLE)


@pytest.mark.parametrize("state", STATES)
def test_a_new_mail_goes_out_and_nothing_of_the_old_one_is_left(client, ada, invitation, state):
    fields, job = STATES[state]
    end_job(invitation, job)
    Invitation.objects.update(message_id="old", **fields)
    assert read(invitation).state == state
    again = send_again(ada, invitation.pk)
    fresh = read(invitation)
    assert fresh.state == "queued"
    assert [getattr(fresh, name) for name in TIMES_OF_ONE_LINK] == [None] * len(TIMES_OF_ONE_LINK)
    assert (fresh.message_id, fresh.provider_reason, fresh.error) == ("", "", "")
    assert fresh.job_id == again.job_id != invitation.job_id
    drain(raise_errors=True)
    assert len(mail.outbox) == 1
    assert read(invitation).state == "sent"
    assert open_link(client, invitation).status_code == 404, "the old link"
    assert open_link(client, fresh).status_code == 200


def test_the_list_names_every_time_but_those_of_the_invitation_itself():
    times = {field.name for field in Invitation._meta.fields if isinstance(field, DateTimeField)}
    assert times - set(TIMES_OF_ONE_LINK) == {"created_at", "accepted_at"}


@pytest.mark.parametrize("time", ["accepted_at", "complained_at"])
def test_who_accepted_or_complained_gets_no_other_mail(ada, invitation, time):
    drain(raise_errors=True)
    Invitation.objects.update(**{time: NOW})
    with pytest.raises(ValidationError, match="Nothing was sent again"):
        send_again(ada, invitation.pk)


def test_a_version_tells_links_apart_and_gives_nothing_away():
    one, other = Invitation(pk=uuid4()), Invitation(pk=uuid4())
    assert links.is_version_of(one, links.version(one))
    assert not links.is_version_of(one, links.version(other))
    old = links.version(one)
    one.renew_link()
    assert not links.is_version_of(one, old)
    assert one.key not in links.version(one)
    assert links.token(one) not in links.version(one)
