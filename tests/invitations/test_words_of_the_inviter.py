"""What an inviter writes to a stranger: words, on one line, and no link; and headers that nothing gets into."""

from html import escape

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from invitations.inviting import invite
from invitations.mail import compose, reply_to
from invitations.models import Invitation
from invitations.plain_words import NON_JOINER, NOTE_LENGTH, checked_note, looks_like_link, without_links
from tests.invitations.running import attempt
from tests.invitations.test_mail import HEADERS, html_of

LIST = "/invitations/"
LINKS = [
    "https://evil.example",
    "hxxp://evil",
    "see evil.example/path",
    "EVIL.COM",
    "www. evil",
    "mailto:me",
    "me@evil.example",
    "@evil",
    "192.0.2.1",
    "evil。com",
    "evil．com",  # a full-width dot
    "bücher.example",
    "evil.рф",
    "line one\nevil.com",
]
WORDS = [
    "Come to the meeting at 10.30, please!",
    "See you... Ada",
    "Version 2.0 is out; e.g. this one.",
    "你好。明天见",
    "Ratio 3:1, and/or more",
    "",
]


def from_(**names: str) -> Invitation:
    return Invitation(email="guest@example.com", sender=User(**({"username": "ada"} | names)))


@pytest.mark.parametrize("note", LINKS)
def test_a_note_with_what_looks_like_a_link_is_refused_in_the_form_with_a_sentence(client, ada, note):
    client.force_login(ada)
    answer = client.post(LIST, {"email": "guest@example.com", "note": note})
    assert "Write the note without links, addresses and names of sites" in answer.text
    assert escape(note, quote=False).splitlines()[0] in answer.text, "what was typed is still there"
    assert not Invitation.objects.exists()
    with pytest.raises(ValidationError):
        invite(ada, "guest@example.com", note)


@pytest.mark.parametrize("note", WORDS)
def test_words_are_words(client, ada, note):
    client.force_login(ada)
    client.post(LIST, {"email": "guest@example.com", "note": note})
    assert Invitation.objects.get().note == note


def test_a_note_is_one_paragraph_of_bounded_length():
    assert checked_note(" one\r\n\r\ntwo\u202e \x00three ") == "one two three"
    assert checked_note("a" * NOTE_LENGTH)
    with pytest.raises(ValidationError, match="too long"):
        checked_note("a" * (NOTE_LENGTH + 1))


def test_the_note_stands_in_both_parts_and_is_escaped_in_html():
    invitation = from_()
    invitation.note = "<b>Come</b> & see"
    message = compose(invitation)
    assert "They write: “<b>Come</b> & see”" in message.body
    assert "&lt;b&gt;Come&lt;/b&gt; &amp; see" in html_of(message)
    assert "<b>Come" not in html_of(message)


def test_without_a_note_nothing_stands_in_its_place():
    assert "They write" not in compose(from_()).body + html_of(compose(from_()))


@pytest.mark.parametrize("name", ["www.evil.example", "https://evil.example/?a=b", "me@evil.example"])
def test_no_mail_program_makes_a_link_of_a_name_or_of_a_note_that_got_by(name):
    invitation = from_(first_name=name)
    invitation.note = f"see {name}"
    message = compose(invitation)
    for text in (message.body, html_of(message)):
        assert name not in text.replace("&amp;", "&")
        assert name in text.replace(NON_JOINER, "").replace("&amp;", "&")


@given(st.text())
def test_an_unlinked_name_reads_the_same(name):
    assert without_links(name).replace(NON_JOINER, "") == name.replace(NON_JOINER, "")
    if not looks_like_link(name):
        assert without_links(name) == name


@given(name=st.text(), note=st.text(max_size=600), address=st.text() | st.emails())
def test_no_name_note_or_address_of_the_inviter_gets_a_header_into_the_mail(name, note, address):
    invitation = from_(first_name=name, email=address)
    invitation.note = note
    message = compose(invitation).message()
    assert set(message.keys()) - {"Reply-To"} == HEADERS
    assert message["To"] == "guest@example.com"
    assert len(message.get_all("Reply-To", [])) <= 1


@pytest.mark.parametrize(
    ("address", "used"),
    [
        ("ada@example.com", True),
        ("", False),
        ("nobody", False),
        ("ada@example.com\nBcc: victim@example.com", False),
        ("ada@example.com\r\n", False),
        ("ada@example.com, victim@example.com", False),
        ('"a, b"@example.com', False),
        ("Ada <ada@example.com>", False),
        ("ädä@example.com", False),
    ],
)
def test_answers_go_to_the_inviter_where_there_is_one_address(address, used):
    assert reply_to(from_(email=address)) == ([address] if used else [])


@pytest.mark.parametrize("name", ["Ada\r\nBcc: victim@example.com", "Ada\nList-Unsubscribe: <https://evil.example>"])
def test_over_real_smtp_nothing_is_smuggled_in(ada, mail_server, name):
    User.objects.filter(pk=ada.pk).update(first_name=name, email="ada@example.com")
    server = mail_server("accept")
    attempt(invite(User.objects.get(), "guest@example.com", "words"))
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Reply-To"] == "ada@example.com"
    assert [str(value) for value in mail.get_all("List-Unsubscribe-Post")] == ["List-Unsubscribe=One-Click"]
    (link,) = mail.get_all("List-Unsubscribe")
    assert link.strip().startswith("<http://127.0.0.1:8000" + reverse("invitations:unsubscribe", args=["x"])[:-2])
    assert link.endswith("/>")
