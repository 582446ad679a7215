"""The page behind the link: GET shows, POST accepts."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from invitations import links
from invitations.inviting import send_again
from invitations.models import Invitation
from tests.invitations.running import end_job
from workers.models import JobState


@pytest.fixture
def link(invitation) -> str:
    return reverse("invitations:accept", args=[invitation.pk, links.token(invitation)])


def accepted() -> bool:
    return Invitation.objects.get().accepted_at is not None


def test_looking_at_the_link_accepts_nothing(client, link):
    for _ in range(3):  # mail scanners come first
        answer = client.get(link)
        assert answer.status_code == 200
        assert "Ada Lovelace invites you" in answer.text
    client.head(link)
    assert not accepted()


def test_a_post_accepts_without_an_account(client, link):
    assert "You have accepted" in client.post(link).text
    assert accepted()
    assert Invitation.objects.with_state().get().state == "accepted"


def test_a_second_post_says_that_it_is_accepted_already(client, link):
    client.post(link)
    first = Invitation.objects.get().accepted_at
    answer = client.post(link)
    assert answer.status_code == 200
    assert "already accepted" in answer.text
    assert Invitation.objects.get().accepted_at == first
    assert "already accepted" in client.get(link).text


def test_a_browser_that_keeps_the_origin_and_all_cookies_to_itself_can_accept(link):
    client = Client(enforce_csrf_checks=True)
    assert client.post(link, headers={"origin": "null"}).status_code == 200
    assert accepted()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_token_and_an_unknown_invitation_get_the_same_answer(client, invitation, method):
    token = links.token(invitation)
    wrong_tokens = [token[:-1], token + "A", "x", "é" * 43, links.token(Invitation())]
    paths = [reverse("invitations:accept", args=[invitation.pk, wrong]) for wrong in wrong_tokens]
    paths.append(reverse("invitations:accept", args=[uuid4(), token]))
    answers = [getattr(client, method)(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "This link leads to no invitation" in answers[0].text
    assert not accepted()


def test_the_old_link_is_dead_after_sending_again(client, link, ada, invitation):
    end_job(invitation, JobState.FAILED)
    send_again(ada, invitation.pk)
    assert client.post(link).status_code == 404
    assert not accepted()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_link_neither_leaves_in_a_referer_nor_stays_in_a_cache(client, link, method):
    for path in (link, link.replace(link[-10:], "wrong/")):
        answer = getattr(client, method)(path)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"


def test_the_inviters_name_is_escaped(client, link, ada):
    ada.first_name = "<script>alert(1)</script>"
    ada.save()
    assert "<script>" not in client.get(link).text


def test_no_other_form_stands_on_the_page_whose_posts_hide_their_origin(client, link, ada):
    client.force_login(ada)
    for path in (link, link.replace(link[-10:], "wrong/")):
        assert "/logout/" not in client.get(path).text
