"""Addresses that get no mail any more: asked by the form, by the task and by code, lifted in the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from invitations.inviting import invite, send_again
from invitations.models import Invitation, Suppression, SuppressionReason
from invitations.suppressing import suppress
from tests.invitations.running import attempt, end_job, read
from workers import Discard
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db

ADMIN = reverse("admin:invitations_suppression_changelist")
BOUNCED, COMPLAINED = SuppressionReason.BOUNCED, SuppressionReason.COMPLAINED


def lifted() -> bool:
    return Suppression.objects.get().lifted_at is not None


def test_the_form_says_why_nothing_is_sent(client, ada):
    suppress("Guest@Example.com", COMPLAINED)
    client.force_login(ada)
    answer = client.post("/invitations/", {"email": "guest@example.com"})
    assert "No mail goes to guest@example.com any more: its owner called a mail spam." in answer.text
    assert not Invitation.objects.exists()


def test_code_cannot_pass_it_by(ada, invitation):
    end_job(invitation, JobState.FAILED)
    suppress("guest@example.com", BOUNCED)
    suppress("other@example.com", BOUNCED)
    for refused in (
        lambda: invite(ada, "guest@example.com"),
        lambda: send_again(ada, invitation.pk),
        lambda: send_again(ada, invitation.pk, "other@example.com"),
    ):
        with pytest.raises(ValidationError, match="No mail goes to"):
            refused()
    assert Job.objects.count() == 1


def test_a_mail_that_waits_is_not_sent_when_its_address_is_closed_meanwhile(invitation):
    suppress(invitation.email, SuppressionReason.UNSUBSCRIBED)
    with pytest.raises(Discard, match="its owner wants no more mails"):
        attempt(invitation)
    assert mail.outbox == []
    end_job(invitation, JobState.DISCARDED)
    assert "its owner wants no more mails" in read(invitation).explanation


def test_an_address_stays_with_the_weightiest_of_its_reasons():
    for reason in (BOUNCED, COMPLAINED, BOUNCED):
        suppress("guest@example.com", reason, f"told: {reason}")
    assert Suppression.objects.get().reason == COMPLAINED
    assert Suppression.objects.get().detail == "told: complained"


def test_what_happened_before_it_was_lifted_does_not_close_it_again():
    now = timezone.now()
    suppress("guest@example.com", BOUNCED)
    Suppression.objects.update(lifted_at=now)
    suppress("guest@example.com", COMPLAINED, happened_at=now - timedelta(hours=1))
    assert lifted()
    suppress("guest@example.com", BOUNCED, happened_at=now + timedelta(seconds=1))
    assert not lifted()


def act(client, action: str):
    pks = list(Suppression.objects.values_list("pk", flat=True))
    return client.post(ADMIN, {"action": action, "_selected_action": pks}, follow=True)


def test_an_operator_lifts_and_restores_and_both_are_logged(admin_client, ada):
    suppress("guest@example.com", BOUNCED)
    act(admin_client, "lift")
    assert lifted()
    assert invite(ada, "guest@example.com")
    act(admin_client, "restore")
    assert not lifted()
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("id")] == ["Lifted.", "Restored."]
    assert "guest@example.com" in admin_client.get(ADMIN, {"in_force": "yes"}).text
    assert "0 suppressions" in admin_client.get(ADMIN, {"in_force": "no"}).text


def test_who_may_only_look_lifts_nothing(client):
    suppress("guest@example.com", BOUNCED)
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_suppression"))
    client.force_login(looker)
    assert "guest@example.com" in client.get(ADMIN).text
    act(client, "lift")
    assert not lifted()


def test_an_address_is_entered_by_hand_and_none_is_deleted(admin_client):
    add = reverse("admin:invitations_suppression_add")
    admin_client.post(add, {"email": "Guest@Example.com", "detail": "asked on the phone"})
    found = Suppression.objects.get()
    assert (found.email, found.reason) == ("guest@example.com", "by_hand")
    admin_client.post(add, {"email": "GUEST@example.com", "detail": "again"})
    assert Suppression.objects.count() == 1
    delete = reverse("admin:invitations_suppression_delete", args=[found.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
