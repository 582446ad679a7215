"""Links that lead nowhere any more, and what is kept from leaking of those that do."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from invitations import links
from invitations.inviting import invite, revoke, send_again
from invitations.models import Invitation
from tests.invitations.guest import ACCEPT, link_to, open_link, press_accept, sign_up
from tests.invitations.running import end_job
from workers.models import JobState

PAST = timezone.now() - timedelta(days=1)


def died(how: str, ada: User, invitation: Invitation) -> None:
    match how:
        case "expired":
            Invitation.objects.update(sent_at=PAST, expires_at=PAST)
        case "revoked":
            revoke(ada, invitation.pk)
        case "replaced":
            end_job(invitation, JobState.FAILED)
            send_again(ada, invitation.pk)
        case "deleted":
            Invitation.objects.all().delete()


@pytest.mark.parametrize("how", ["expired", "revoked", "replaced", "deleted"])
def test_a_link_that_dies_while_its_page_is_open_accepts_nothing(client, ada, invitation, grace, how):
    client.force_login(grace)
    open_link(client, invitation)
    died(how, ada, invitation)
    for answer in (press_accept(client, invitation), client.get(ACCEPT)):
        assert answer.status_code == 404
        assert "It may have expired, been revoked or been replaced" in answer.text
    assert not Invitation.objects.exclude(accepted_at=None).exists()


def test_every_dead_link_gets_the_same_answer(ada, invitation):
    token = links.token(invitation)
    wrong = [token[:-1], token + "A", "x", "é" * 43, links.token(Invitation())]
    paths = [reverse("invitations:accept", args=[invitation.pk, each]) for each in wrong]
    paths.append(reverse("invitations:accept", args=[uuid4(), token]))
    for how in ("expired", "revoked", "replaced"):
        other = invite(ada, f"{how}@example.com")
        paths.append(link_to(other))
        if how == "expired":
            Invitation.objects.filter(pk=other.pk).update(sending_at=PAST, expires_at=PAST)
        else:
            died(how, ada, other)
    answers = [Client().get(path, follow=True) for path in [*paths, ACCEPT]]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not Invitation.objects.exclude(accepted_at=None).exists()


def test_a_dead_link_closes_the_page_of_the_one_opened_before(client, invitation):
    open_link(client, invitation)
    client.get(reverse("invitations:accept", args=[invitation.pk, "wrong"]))
    assert client.get(ACCEPT).status_code == 404


def test_the_link_stays_in_no_cache_and_no_referer_and_its_page_holds_no_token(client, invitation):
    token = links.token(invitation)
    for path in (link_to(invitation), link_to(invitation).replace(token, "wrong")):
        answer = client.get(path)
        assert (answer.status_code, answer.url) == (302, ACCEPT)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"
        assert client.get(ACCEPT)["Cache-Control"] == "no-store"
        assert token not in client.get(ACCEPT).text


def test_the_session_keeps_neither_token_nor_key(client, invitation):
    open_link(client, invitation)
    kept = str(Session.objects.get().get_decoded())
    assert links.version(invitation) in kept
    assert links.token(invitation) not in kept
    assert invitation.key not in kept


def test_no_line_of_the_log_holds_the_token(client, invitation, caplog):
    token, link = links.token(invitation), link_to(invitation)
    with caplog.at_level(logging.DEBUG):
        open_link(client, invitation)
        sign_up(client, invitation)
        client.post(link)
        client.get(f"{link}more/")
        client.get(link.replace(token, token[:-1]), follow=True)
        Client(enforce_csrf_checks=True).post(link)
    told = [record.getMessage() for record in caplog.records]
    assert any("/[token]/more/" in line for line in told)
    assert any("Forbidden (CSRF" in line for line in told)
    assert not any(token[:20] in line for line in told)
