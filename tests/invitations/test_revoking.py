"""Revoking: the link is dead at once, and a mail on its way is called off."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from invitations import inviting
from invitations.inviting import invite, revoke
from invitations.models import Invitation
from tests.invitations.guest import open_link
from tests.invitations.running import attempt, end_job, read
from tests.live_page import live_page, on_one_loop, sync
from workers import Discard
from workers.models import Job, JobState
from workers.testing import drain


def test_a_sent_invitation_is_revoked_from_its_row_without_a_script(client, ada, invitation):
    drain(raise_errors=True)
    client.force_login(ada)
    path = reverse("invitations:revoke", args=[invitation.pk])
    assert path in client.get("/invitations/").text
    answer = client.post(path, follow=True)
    assert "The invitation to guest@example.com is revoked; its link is dead." in answer.text
    assert read(invitation).state == "revoked"
    assert open_link(client, invitation).status_code == 404
    assert inviting.accept(invitation) is False


@pytest.mark.django_db(transaction=True)
@on_one_loop
async def test_it_is_revoked_over_the_socket_and_the_row_shows_it(client, ada, invitation):
    await sync(client.force_login, ada)
    await sync(drain)
    async with live_page(client, "source=invitations&page=1") as page:
        await page.pushed()
        assert "is revoked; its link is dead" in await page.send("revoke", invitation=str(invitation.pk))
        assert ">revoked<" in await page.pushed_with("revoked<")


def test_a_mail_on_its_way_is_called_off(ada, invitation):
    revoke(ada, invitation.pk)
    assert Job.objects.get().state == JobState.CANCELLED
    drain()
    assert mail.outbox == []
    assert read(invitation).state == "revoked"


def test_a_mail_that_is_just_being_sent_is_not_tried_again(ada, invitation):
    end_job(invitation, JobState.RUNNING)
    revoke(ada, invitation.pk, by=User.objects.create_user("grace"))
    assert Job.objects.get().cancel_requested_by == "grace"
    with pytest.raises(Discard, match="revoked before its mail was sent"):
        attempt(invitation)
    assert mail.outbox == []


class RevokedMeanwhile:
    """Revokes at a chosen moment of the hand-over."""

    moment = ""

    def __init__(self, **options):
        pass

    def happens(self, moment: str) -> None:
        if self.moment == moment:
            invitation = Invitation.objects.get()
            revoke(invitation.sender, invitation.pk)

    def open(self):
        self.happens("before")

    def send_messages(self, messages):
        self.happens("during")
        return len(messages)

    def close(self):
        pass


def test_revoked_just_before_the_hand_over_nothing_is_sent(invitation, settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.RevokedMeanwhile"
    monkeypatch.setattr(RevokedMeanwhile, "moment", "before")
    with pytest.raises(Discard, match="just accepted, revoked or expired"):
        attempt(invitation)
    found = read(invitation)
    assert (found.state, found.sending_at, found.sent_at) == ("revoked", None, None)


def test_revoked_during_the_hand_over_the_mail_is_on_record_and_its_link_dead(invitation, settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.RevokedMeanwhile"
    monkeypatch.setattr(RevokedMeanwhile, "moment", "during")
    assert attempt(invitation) == "sent"
    found = read(invitation)
    assert found.state == "revoked"
    assert found.sent_at
    assert inviting.accept(found) is False


@pytest.mark.parametrize("said", ["delivered_at", "deferred_at", "bounced_at", "complained_at"])
def test_whatever_the_provider_said_the_link_can_be_revoked(ada, invitation, said):
    drain(raise_errors=True)
    Invitation.objects.update(**{said: timezone.now()})
    revoke(ada, invitation.pk)
    assert read(invitation).state == "revoked"


@pytest.mark.parametrize(
    ("field", "state"), [("accepted_at", "accepted"), ("revoked_at", "revoked"), ("expires_at", "expired")]
)
def test_where_no_link_is_alive_nothing_is_revoked(ada, invitation, field, state):
    drain(raise_errors=True)
    Invitation.objects.update(**{field: timezone.now() - timedelta(days=1)})
    with pytest.raises(ValidationError, match=f"Nothing was revoked: the invitation to guest@example.com is {state}"):
        revoke(ada, invitation.pk)


def test_what_is_revoked_may_be_sent_again_and_lives_again(ada, client, invitation):
    drain(raise_errors=True)
    revoke(ada, invitation.pk)
    inviting.send_again(ada, invitation.pk)
    drain(raise_errors=True)
    assert read(invitation).state == "sent"
    assert open_link(client, read(invitation)).status_code == 200


def test_after_revoking_the_address_may_be_invited_anew(ada, invitation):
    revoke(ada, invitation.pk)
    invite(ada, "guest@example.com")


def test_nobody_revokes_what_another_invited(invitation):
    with pytest.raises(Invitation.DoesNotExist):
        revoke(User.objects.create_user("grace"), invitation.pk)
    assert read(invitation).state == "queued"


def test_who_called_the_mail_spam_can_be_kept_out_from_the_page(client, ada, invitation):
    Invitation.objects.update(sent_at=timezone.now(), complained_at=timezone.now())
    client.force_login(ada)
    page = client.get("/invitations/").text
    assert f'id="revoke-{invitation.pk}"' in page
    assert f'id="send-again-{invitation.pk}"' not in page
