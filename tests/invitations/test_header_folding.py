"""The mail as it goes over the wire: a long address may be folded at most where every reader joins it again."""

from copy import deepcopy
from email import message_from_bytes, policy
from email.policy import SMTP
from typing import Any

import django
import pytest
from django.contrib.auth.models import User

from invitations import mail, unsubscribing
from invitations.models import Invitation
from invitations.unfolded import Unfolded
from tests.invitations.running import attempt

LONG = f"{'a' * 64}@{'.'.join(['b' * 55] * 3)}.example.com"


def wire(invitation: Invitation) -> bytes:
    """As Django's SMTP backend writes it."""
    message: Any = mail.compose(invitation)
    if django.VERSION < (6, 0):
        return message.message().as_bytes(linesep="\r\n")
    return message.message(policy=SMTP).as_bytes()


@pytest.mark.parametrize("email", ["guest@example.com", LONG])
def test_the_address_to_unsubscribe_at_arrives_whole(email):
    sent = wire(Invitation(email=email, sender=User(username="ada")))
    # Whatever was folded, a line break goes and the blank after it stays: RFC 5322, 2.2.3.
    headers, _, _ = sent.partition(b"\r\n\r\n")
    unfolded = headers.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").split(b"\r\n")
    (found,) = [line for line in unfolded if line.lower().startswith(b"list-unsubscribe:")]
    assert found.partition(b":")[2].strip().decode() == f"<{unsubscribing.address(email)}>"
    for read_as in (policy.default, policy.compat32):
        read = message_from_bytes(sent, policy=read_as)["List-Unsubscribe"]
        assert "".join(str(read).split()) == f"<{unsubscribing.address(email)}>"


def test_no_line_is_longer_than_any_server_takes():
    sent = wire(Invitation(email=LONG, sender=User(username="ada")))
    assert max(map(len, sent.split(b"\r\n"))) <= 998


def test_a_mail_server_receives_it_whole(invitation, mail_server):
    server = mail_server("accept")
    Invitation.objects.update(email=LONG)
    invitation.refresh_from_db()
    attempt(invitation)
    (received,) = server.mails
    assert received["List-Unsubscribe"].strip() == f"<{unsubscribing.address(LONG)}>"
    assert received["Message-ID"] == mail.message_id(invitation)


def test_a_copy_of_the_mail_has_it_too():
    message = deepcopy(mail.compose(Invitation(email=LONG, sender=User(username="ada"))))
    assert message.extra_headers["List-Unsubscribe"].name == "List-Unsubscribe"


@pytest.mark.parametrize("value", ["<https://example.com>\r\nBcc: victim@example.com", "<https://bücher.example>"])
def test_what_is_not_one_line_is_no_such_header(value):
    with pytest.raises(ValueError, match="must be one line of ASCII"):
        Unfolded("List-Unsubscribe", value)
