"""A real SMTP server that behaves as told: ``accept``, ``refuse``, ``defer``, ``drop``, ``stall``, ``deny`` …

``slow`` takes a moment for each of its answers; ``drop inside`` hangs up in the middle of the mail, ``drop`` when it
has read it, before its answer.
"""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers import free_port

RECIPIENT_REPLIES = {"refuse": "550 5.1.1 No such person here", "defer": "451 4.7.1 Greylisted, come again"}
DATA_REPLIES = {
    "refuse data": "554 5.7.1 That reads like spam",
    "defer data": "452 4.3.1 No room on the disk",
    "accept": "250 Kept",
}


MOMENT = 0.15
"""Seconds for each answer of a slow server."""


class DropsInside(SMTP):
    """Reads the mail's first line and no more."""

    async def smtp_DATA(self, arg: str) -> None:
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        assert self._reader
        assert self.transport
        self.event_handler.begun.append(await self._reader.readline())
        self.transport.abort()


class DroppingController(Controller):
    def factory(self) -> SMTP:
        return DropsInside(self.handler, **self.SMTP_kwargs)


class MailServer:
    """``mails`` are those it read to their end, whatever it answered then."""

    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.mails: list[EmailMessage] = []
        self.begun: list[bytes] = []
        self.port = free_port()
        self._released = asyncio.Event()
        denies = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
        self._controller = (DroppingController if behaviour == "drop inside" else Controller)(
            self, hostname="127.0.0.1", port=self.port, **(denies if behaviour == "deny" else {})
        )

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.loop.call_soon_threadsafe(self._released.set)
        self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._take_a_moment()
        if reply := RECIPIENT_REPLIES.get(self.behaviour):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        if self.behaviour == "drop":
            server.transport.abort()
        await self._take_a_moment()
        if self.behaviour == "stall":
            await self._released.wait()
        return DATA_REPLIES.get(self.behaviour, "250 Kept")

    async def _take_a_moment(self) -> None:
        if self.behaviour == "slow":
            await asyncio.sleep(MOMENT)
