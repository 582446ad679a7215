import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations import links
from invitations.models import Invitation, new_key


@given(st.uuids(), st.uuids())
def test_another_invitation_has_another_token(one, other):
    key = new_key()
    first, second = Invitation(pk=one, key=key), Invitation(pk=other, key=key)
    assert links.is_token_of(first, links.token(first))
    assert links.is_token_of(second, links.token(first)) is (one == other)


@given(st.text())
def test_no_other_text_is_taken_for_the_token(text):
    invitation = Invitation()
    assert links.is_token_of(invitation, text) is (text == links.token(invitation))


def test_a_token_carries_256_bits_and_needs_no_quoting():
    token = links.token(Invitation())
    assert len(token) == 43
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_new_key_kills_the_old_token():
    invitation = Invitation()
    old = links.token(invitation)
    invitation.key = new_key()
    assert not links.is_token_of(invitation, old)


def test_the_database_alone_does_not_make_the_token(settings):
    invitation = Invitation()
    token = links.token(invitation)
    settings.SECRET_KEY = "another secret of the same length as the first"
    assert not links.is_token_of(invitation, token)


def test_links_outlive_a_rotation_of_the_secret_key(settings):
    invitation = Invitation()
    token = links.token(invitation)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of the same length as the first"
    assert links.is_token_of(invitation, token)
    assert links.token(invitation) != token


@pytest.mark.parametrize("site", ["https://www.example.com", "http://127.0.0.1:8000"])
def test_the_link_begins_with_the_site(settings, site):
    settings.SITE_URL = site
    invitation = Invitation()
    assert links.address(invitation) == f"{site}/invitations/{invitation.pk}/{links.token(invitation)}/"
