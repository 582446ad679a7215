"""The inviter's page, over HTTP."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from invitations import links
from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.running import end_job, read
from workers.models import Job, JobState

LIST = "/invitations/"


@pytest.fixture
def signed_in(client, ada) -> Client:
    client.force_login(ada)
    return client


def again(invitation: Invitation) -> str:
    return reverse("invitations:send_again", args=[invitation.pk])


def test_the_page_asks_strangers_to_sign_in(client, db):
    for answer in (client.get(LIST), client.post(LIST, {"email": "guest@example.com"})):
        assert answer.status_code == 302
        assert answer.url.startswith("/login/")
    assert not Invitation.objects.exists()


def test_posting_an_address_invites_and_says_so(signed_in, ada):
    answer = signed_in.post(LIST, {"email": "Guest@Example.com"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    invitation = Invitation.objects.get(sender=ada, email="guest@example.com")
    assert Job.objects.get().pk == invitation.job_id
    assert "guest@example.com is invited. The mail is on its way." in answer.text
    assert "queued" in answer.text


@pytest.mark.parametrize("address", ["", "nobody", "a@example.com\r\nBcc: b@example.com", "a" * 260 + "@example.com"])
def test_a_bad_address_is_refused_with_a_sentence_and_nothing_else(signed_in, address):
    answer = signed_in.post(LIST, {"email": address})
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]
    assert not Invitation.objects.exists()
    assert not Job.objects.exists()


def test_an_address_already_invited_is_refused_with_its_state(signed_in, invitation):
    answer = signed_in.post(LIST, {"email": "GUEST@example.com"})
    assert "You have already invited guest@example.com: that invitation is queued." in answer.text
    assert Invitation.objects.count() == 1


def test_everyone_sees_their_own_invitations_only(signed_in, invitation):
    invite(User.objects.create_user("grace"), "secret-guest@example.com")
    answer = signed_in.get(LIST)
    assert "guest@example.com" in answer.text
    assert "secret-guest" not in answer.text


def test_the_page_holds_no_link_and_no_key(signed_in, invitation):
    answer = signed_in.get(LIST)
    assert links.token(invitation) not in answer.text
    assert invitation.key not in answer.text


def test_a_retry_shows_why_and_when(signed_in, invitation):
    Invitation.objects.update(error="The mail server could not be reached.")
    end_job(invitation, JobState.SCHEDULED, attempts=1)
    assert "The mail server could not be reached. Next try: " in signed_in.get(LIST).text


def test_a_hostile_error_is_escaped(signed_in, invitation):
    Invitation.objects.update(error="“550 <script>alert(1)</script>”")
    end_job(invitation, JobState.DISCARDED)
    assert "<script>" not in signed_in.get(LIST).text


def test_what_may_have_been_sent_is_offered_to_be_sent_again(signed_in, invitation):
    end_job(invitation, JobState.DISCARDED)
    Invitation.objects.update(sending_at=timezone.now())
    assert again(invitation) in signed_in.get(LIST).text
    answer = signed_in.post(again(invitation), follow=True)
    assert "A new mail to guest@example.com is on its way; the old link is dead." in answer.text
    assert again(invitation) not in answer.text
    assert read(invitation).state == "queued"


def test_a_second_click_is_told_that_nothing_happened(signed_in, invitation):
    end_job(invitation, JobState.FAILED)
    signed_in.post(again(invitation))
    answer = signed_in.post(again(invitation), follow=True)
    assert "Nothing was sent again" in answer.text
    assert Job.objects.count() == 2


def test_somebody_elses_invitation_is_not_there_to_be_sent_again(signed_in):
    invitation = invite(User.objects.create_user("grace"), "guest@example.com")
    end_job(invitation, JobState.FAILED)
    assert signed_in.post(again(invitation)).status_code == 404
    assert Job.objects.count() == 1


def test_sending_again_takes_a_post(signed_in, invitation):
    assert signed_in.get(again(invitation)).status_code == 405


@pytest.mark.parametrize("path", [LIST, "send again"])
def test_forged_posts_are_refused(ada, invitation, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.post(again(invitation) if path == "send again" else path).status_code == 403


def test_many_invitations_come_in_pages_and_few_queries(signed_in, ada, django_assert_max_num_queries):
    Invitation.objects.bulk_create(Invitation(sender=ada, email=f"guest{n}@example.com") for n in range(120))
    with django_assert_max_num_queries(7):
        answer = signed_in.get(LIST, {"page": "2"})
    assert "Page 2 of 3" in answer.text
    assert signed_in.get(LIST, {"page": "no number"}).status_code == 200
