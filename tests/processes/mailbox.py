"""An SMTP server that keeps what it accepts, and can hold senders in the very moment before it answers."""

import asyncio
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port


class Mailbox:
    """``hold()``: from now on a mail is accepted but its sender hears nothing until ``let_go()``."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.held = 0
        self._open = asyncio.Event()
        self._open.set()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"

    def start(self) -> "Mailbox":
        self.controller.start()
        return self

    def stop(self) -> None:
        self.let_go()
        self.controller.stop()

    def hold(self) -> None:
        self.controller.loop.call_soon_threadsafe(self._open.clear)

    def let_go(self) -> None:
        self.controller.loop.call_soon_threadsafe(self._open.set)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.accepted.update(envelope.rcpt_tos)
        self.held += 1
        try:
            await self._open.wait()
        finally:
            self.held -= 1
        return "250 accepted"
