"""A live page as a browser keeps it open: a WebSocket with the session's cookies, through the project's whole stack."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.test import Client

from tests.running_worker import APPLICATION
from workers.events import broadcaster
from workers.notifier import notifier

PATIENCE = 25


class LivePage:
    """What was pushed, message by message. ``send`` is a form of the page, with its fields."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket

    async def pushed(self) -> str:
        return await self.socket.receive_from(PATIENCE)

    async def pushed_with(self, text: str) -> str:
        """The next push that holds this text; those before it are passed over."""
        while text not in (html := await self.pushed()):
            pass
        return html

    async def send(self, action: str, **fields: Any) -> str:
        """What the page is answered."""
        await self.socket.send_json_to({"action": action, **fields, "HEADERS": {"HX-Request": "true"}})
        return await self.pushed_with("live-said")

    async def closed(self) -> int:
        """The code with which the server closes, after whatever it still pushes."""
        while (message := await self.socket.receive_output(PATIENCE))["type"] != "websocket.close":
            pass
        return int(message["code"])


def socket_of(client: Client, query: str, origin: str = "http://testserver") -> WebsocketCommunicator:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [(b"origin", origin.encode()), (b"cookie", cookies.encode())]
    return WebsocketCommunicator(APPLICATION, f"/live/?{query}", headers=headers)


@asynccontextmanager
async def live_page(client: Client, query: str) -> AsyncIterator[LivePage]:
    """Connected, with nothing read of it yet. Nothing that happened before reaches it."""
    await asyncio.to_thread(broadcaster.flush, PATIENCE)
    socket = socket_of(client, query)
    assert await socket.connect(PATIENCE) == (True, None)
    try:
        yield LivePage(socket)
    finally:
        await socket.disconnect(timeout=PATIENCE)


def on_one_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a coroutine as a test. Events are sent on its loop, as in a server, for the in-memory layer's sake; what it
    gives to ``sync`` runs in the test's own thread."""

    async def run(*args: Any, **kwargs: Any) -> None:
        notifier.use_loop(asyncio.get_running_loop())
        try:
            await test(*args, **kwargs)
        finally:
            await asyncio.to_thread(broadcaster.flush, PATIENCE)
            await asyncio.to_thread(notifier.flush, PATIENCE)
            notifier.use_loop(None)
            await _leave_redis()

    @functools.wraps(test)
    def in_a_loop(*args: Any, **kwargs: Any) -> None:
        # What the fixtures did is told on the loop it was before, and into the in-memory layer only one may speak.
        broadcaster.flush(PATIENCE)
        notifier.flush(PATIENCE)
        async_to_sync(run)(*args, **kwargs)

    return in_a_loop


async def _leave_redis() -> None:
    """Close this loop's connections; a loop that ends before they are closed leaves them open."""
    layers = getattr(get_channel_layer(), "_layers", {})
    if mine := layers.get(asyncio.get_running_loop()):
        await mine.flush()
        await asyncio.sleep(0)


async def sync(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return await sync_to_async(function)(*args, **kwargs)
