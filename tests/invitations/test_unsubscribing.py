"""The link behind a mail program's "Unsubscribe"."""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from invitations import links
from invitations.mail import compose
from invitations.models import Invitation, Suppression
from invitations.unsubscribing import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(invitation) -> str:
    header = compose(invitation).extra_headers["List-Unsubscribe"]
    assert links.token(invitation) not in header
    return header.strip("<>").removeprefix(django_settings.SITE_URL)


def test_the_mail_programs_post_closes_the_address(path):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "guest@example.com gets no more mails from this site." in answer.text
    found = Suppression.objects.get()
    assert (found.email, found.reason) == ("guest@example.com", "unsubscribed")
    assert strict.post(path).status_code == 200


def test_looking_changes_nothing_and_offers_the_button(client, path):
    for _ in range(2):  # mail scanners come first
        page = client.get(path)
        assert "<button>No more mails to guest@example.com</button>" in page.text
    assert not Suppression.objects.exists()
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"


def test_it_works_when_the_invitation_is_gone(client, path):
    Invitation.objects.all().delete()
    client.post(path)
    assert Suppression.objects.get().email == "guest@example.com"


def test_a_forged_link_closes_nothing(client, path):
    signed = path.split("/")[-2]
    body, _, signature = signed.partition(":")
    for wrong in (signed[:-1], body, f"{body}:", f":{signature}", f"{body}x:{signature}", "é:é", ".x:y"):
        assert client.post(path.replace(signed, wrong)).status_code == 404
    assert not Suppression.objects.exists()


def test_a_link_is_good_while_the_old_secret_is_named(client, path, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 50, [settings.SECRET_KEY]
    assert client.get(path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(path).status_code == 404


def test_the_longest_address_still_makes_a_header_of_legal_length():
    longest = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    assert len("List-Unsubscribe: <>" + address(longest)) < 998
