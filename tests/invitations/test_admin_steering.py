"""What an operator does to invitations from the list."""

import itertools
from collections import Counter
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from invitations import links
from invitations.admin_actions import LONGEST, REVOKE, carry_out
from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.running import end_job, job_of, read
from workers.models import Job, JobState

LIST = "/admin/invitations/invitation/"


def act(client: Client, action: str, *invitations: Invitation):
    chosen = [str(invitation.pk) for invitation in invitations]
    return client.post(LIST, {"action": action, "_selected_action": chosen, "index": 0}, follow=True)


@pytest.fixture
def failed(invitation) -> Invitation:
    end_job(invitation, JobState.FAILED)
    return invitation


def test_sending_again_makes_a_new_link_and_a_new_job(admin_client, failed):
    old = links.token(failed)
    assert "1 invitation sent again." in act(admin_client, "resend", failed).text
    found = read(failed)
    assert found.state == "queued"
    assert not links.is_token_of(found, old)
    assert Job.objects.count() == 2


def test_revoking_kills_the_invitation_and_calls_off_its_mail(admin_client, invitation):
    assert "1 invitation revoked." in act(admin_client, "revoke", invitation).text
    assert read(invitation).state == "revoked"
    assert job_of(invitation).state == JobState.CANCELLED


def test_expiring_ends_it_now(admin_client, invitation):
    Invitation.objects.update(sent_at=timezone.now())
    assert "1 invitation expired." in act(admin_client, "expire", invitation).text
    assert read(invitation).state == "expired"


def test_trying_again_keeps_the_link_and_the_job(admin_client, failed):
    old = links.token(failed)
    assert "1 invitation tried again." in act(admin_client, "retry", failed).text
    assert read(failed).state == "queued"
    assert links.is_token_of(read(failed), old)
    assert job_of(failed).state == JobState.READY


def test_a_mail_that_a_newer_invitation_has_replaced_is_not_tried_again(admin_client, ada, failed):
    invite(ada, failed.email)
    assert "Left as they were: 1 replaced by a newer invitation." in act(admin_client, "retry", failed).text
    assert job_of(failed).state == JobState.FAILED


def test_what_cannot_be_done_is_counted_by_its_reason_and_not_logged(admin_client, ada, invitation):
    accepted, gone = invite(ada, "b@example.com"), invite(ada, "c@example.com")
    Invitation.objects.filter(pk=accepted.pk).update(accepted_at=timezone.now())
    Job.objects.filter(pk=gone.job_id)._raw_delete("default")
    answer = act(admin_client, "retry", invitation, accepted, gone)
    assert "0 of 3 invitations tried again." in answer.text
    for reason in ("1 queued", "1 accepted", "1 whose job is gone"):
        assert reason in answer.text
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("action", ["resend", "revoke", "retry", "expire"])
def test_each_act_is_logged_with_who_did_it(admin_client, admin_user, ada, action):
    invitation = invite(ada, "guest@example.com")
    if action in ("resend", "retry"):
        end_job(invitation, JobState.FAILED)
    act(admin_client, action, invitation)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.object_repr) == (admin_user, str(invitation.pk), "guest@example.com")
    assert invitation.key not in entry.change_message


@pytest.mark.parametrize("action", ["resend", "revoke", "retry", "expire"])
def test_who_may_only_look_can_do_nothing(failed, action):
    olga = User.objects.create_user("olga", is_staff=True)
    olga.user_permissions.add(Permission.objects.get(codename="view_invitation"))
    client = Client()
    client.force_login(olga)
    assert "Revoke selected" not in client.get(LIST).text
    act(client, action, failed)
    assert read(failed).state == "failed"
    assert Job.objects.count() == 1
    olga.user_permissions.add(Permission.objects.get(codename="change_invitation"))
    assert "Revoke selected" in client.get(LIST).text


def test_a_request_ends_in_time_and_says_how_far_it_came(admin_client, admin_user, ada, monkeypatch):
    for number in range(3):
        invite(ada, f"guest-{number}@example.com")
    ids = [str(pk) for pk in Invitation.objects.values_list("pk", flat=True)]
    seconds = itertools.count(step=LONGEST * 0.4)
    assert carry_out(REVOKE, map(UUID, ids), admin_user, lambda: next(seconds)) == (2, Counter())
    monkeypatch.setattr("invitations.admin_actions.LONGEST", 0)
    answer = admin_client.post(LIST, {"action": "revoke", "_selected_action": ids}, follow=True)
    assert "Only the newest 0 were looked at; choose the rest again." in answer.text
    assert Invitation.objects.exclude(revoked_at=None).count() == 2
