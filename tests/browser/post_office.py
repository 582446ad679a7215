"""A mail server that tells by the address what becomes of a mail, and keeps the letters."""

import email
import re
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes.mailbox import Mailbox

BUSY, UNKNOWN = "450 4.2.1 busy, come back later", "550 5.1.1 nobody of this name"


class PostOffice(Mailbox):
    """``busy-…@``: not now; ``nobody-…@``: never; others are accepted."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("busy-"):
            return BUSY
        if address.startswith("nobody-"):
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 accepted"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        letter = email.message_from_bytes(envelope.content or b"", policy=default)
        text = letter.get_body(("plain",))
        self.letters |= dict.fromkeys(envelope.rcpt_tos, text.get_content() if text else "")
        return await super().handle_DATA(server, session, envelope)

    def link_to(self, address: str) -> str:
        """The invitation's link in the letter to this address."""
        found = re.search(r"https?://\S+/invitations/\S+", self.letters[address])
        assert found, self.letters[address]
        return found.group()
