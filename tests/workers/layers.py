"""Channel layers for CHANNEL_LAYERS that behave as Redis does on a bad day."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer


class RecordingLayer(BaseChannelLayer):
    """Takes every message and keeps its channel; into ``file`` as well, for another process to read."""

    def __init__(self, file: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.sent: list[str] = []
        self.attempts = 0
        self.at_once = 0
        self.most_at_once = 0

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.attempts += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.deliver()
        finally:
            self.at_once -= 1
        self.sent.append(channel)
        if self.file:
            with Path(self.file).open("a") as file:
                file.write(f"{os.getpid()} {channel} {message['type']}\n")

    async def deliver(self) -> None:
        await asyncio.sleep(0)


class GatedLayer(RecordingLayer):
    """Waits for its gate before it takes a message."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gate = threading.Event()

    async def deliver(self) -> None:
        while not self.gate.is_set():
            await asyncio.sleep(0.001)


class HangingLayer(RecordingLayer):
    """Never answers."""

    async def deliver(self) -> None:
        await asyncio.Event().wait()


class BlockingLayer(GatedLayer):
    """Never answers, and holds its event loop as well."""

    async def deliver(self) -> None:
        self.gate.wait(30)


class FullLayer(RecordingLayer):
    """A hundred messages lie unread."""

    async def deliver(self) -> None:
        raise ChannelFull


class BrokenLayer(RecordingLayer):
    """Refuses until it is mended."""

    broken = True

    async def deliver(self) -> None:
        if self.broken:
            raise ConnectionError("connection refused")


class GroupLayer(RecordingLayer):
    """Takes group messages, once its gate is open, and keeps them."""

    extensions = ["groups"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False
        self.heard: list[tuple[str, dict[str, Any]]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.attempts += 1
        while not self.gate.is_set():
            await asyncio.sleep(0.001)
        if self.broken:
            raise ConnectionError("connection refused")
        self.heard.append((group, message))
