import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from invitations import links
from invitations.mail import compose, message_id
from invitations.models import Invitation, new_key, normalize_email
from invitations.models.invitation import INVITER_NAME_LENGTH

HEADERS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe",
    "List-Unsubscribe-Post",
}  # fmt: skip


def to(address: str, **names: str) -> Invitation:
    from django.contrib.auth.models import User

    return Invitation(email=address, sender=User(**({"username": "ada"} | names)))


def html_of(message) -> str:
    return message.alternatives[0][0]


def test_text_and_html_both_hold_the_link():
    invitation = to("guest@example.com")
    message = compose(invitation)
    link = links.address(invitation)
    assert link in message.body
    assert f'href="{link}"' in html_of(message)
    assert message.to == ["guest@example.com"]
    assert message.subject == "ada invites you"


def test_the_inviters_name_is_escaped_in_html_and_left_alone_in_text():
    message = compose(to("guest@example.com", first_name="<script>&", last_name='"O\'Hara"'))
    assert "<script>&" not in html_of(message)
    assert "&lt;script&gt;&amp;" in html_of(message)
    assert '<script>& "O\'Hara" invites you' in message.body


@given(st.text())
@settings(deadline=None)
def test_no_name_gets_a_header_or_a_second_line_into_the_mail(name):
    message = compose(to("guest@example.com", first_name=name)).message()
    assert set(message.keys()) == HEADERS
    assert message["To"] == "guest@example.com"
    assert "\n" not in to("guest@example.com", first_name=name).inviter_name


def test_a_bcc_smuggled_into_the_name_stays_in_the_subject():
    message = compose(to("guest@example.com", first_name="Ada\r\nBcc: victim@example.com"))
    assert message.subject == "Ada Bcc: victim@example.com invites you"
    assert message.recipients() == ["guest@example.com"]


def test_a_long_name_is_cut():
    assert len(to("guest@example.com", first_name="a" * 500).inviter_name) == INVITER_NAME_LENGTH


@pytest.mark.parametrize("address", ["a@example.com\nBcc: b@example.com", "a@example.com, b@example.com", "nobody", ""])
def test_a_row_with_a_bad_address_is_never_mailed(address):
    with pytest.raises(ValidationError):
        compose(to(address))


def test_a_retry_keeps_the_message_id_and_a_new_link_changes_it():
    invitation = to("guest@example.com")
    first = compose(invitation).extra_headers["Message-ID"]
    assert compose(invitation).extra_headers["Message-ID"] == first
    invitation.key = new_key()
    assert message_id(invitation) != first


def test_the_message_id_gives_nothing_of_the_link_away():
    invitation = to("guest@example.com")
    assert links.token(invitation) not in message_id(invitation)
    assert invitation.key not in message_id(invitation)


@given(st.emails())
def test_an_address_is_spelled_one_way(address):
    spelled = normalize_email(f"  {address.upper()} ")
    assert spelled == normalize_email(spelled)
    assert spelled == normalize_email(address)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({"first_name": "\u202e\u200b"}, "ada"),
        ({"username": "\u200b"}, "Somebody"),
    ],
    ids=str,
)
def test_the_inviter_always_has_a_name_that_can_be_read(names, shown):
    assert to("guest@example.com", **names).inviter_name == shown
