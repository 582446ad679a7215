"""A WebSocket client with a visitor's session."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync import client
from websockets.sync.client import ClientConnection
from websockets.typing import Origin

from tests.processes.visitor import Visitor

PATIENCE = 10


def open_socket(
    url: str,
    path: str,
    visitor: Visitor | None = None,
    *,
    origin: str | None = "",
    cookies: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> ClientConnection:
    """``url`` is the site's. Without an ``origin`` it is the site's too, as a browser would say; None: none at all."""
    sent = (visitor.cookies if visitor else {}) | (cookies or {})
    return client.connect(
        url.replace("http", "ws", 1) + path,
        origin=None if origin is None else Origin(origin or url),
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items())} | (headers or {}),
        open_timeout=PATIENCE,
        proxy=None,
    )


def refusal(url: str, path: str, visitor: Visitor | None = None, *, origin: str | None = "") -> int:
    """The HTTP status with which the handshake is refused."""
    with pytest.raises(InvalidStatus) as caught:
        open_socket(url, path, visitor, origin=origin)
    return caught.value.response.status_code


def close_code(socket: ClientConnection) -> int:
    """With which code the server ends it, whatever it says before."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            socket.recv(timeout=PATIENCE)
    return caught.value.rcvd.code if caught.value.rcvd else 1006
