"""redis-py's connections, on which no cancellation is lost, and which are quicker to send on.

redis-py sends by ``asyncio.wait_for``, and that of Python 3.11 swallows a cancellation which comes in the moment in
which what it waits for is done: a WebSocket that closed then lingered until the next message to it. ``asyncio.timeout``
has no such fault, and needs no task for each command.

Sending one command costs an idle process more than the server's answer does, and a wake-up is three of them, so what
can be left out is. Before each redis-py tries to read, for no time at all, which takes two rounds of the event loop;
what there is, the loop has read itself. A timer is set only for what may have to wait, and hiredis packs.
"""

import asyncio
from typing import Any

from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.connection import HiredisRespSerializer
from redis.exceptions import TimeoutError as RedisTimeoutError

PACKER = HiredisRespSerializer()
SHORT = 32_768
"""Bytes that a stream takes without waiting, whatever the server does."""


class _Quick:
    socket_timeout: float | None
    is_connected: bool
    _reader: Any

    def pack_command(self, *args: Any) -> list[bytes]:
        return PACKER.pack(*args)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        connection: Any = super()
        if not self.is_connected:
            await connection.connect_check_health(check_health=False)
        if check_health:
            await connection.check_health()
        timeout, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(None if _is_short(command) else timeout):
                await connection.send_packed_command(command, check_health=False)
        except TimeoutError:
            raise RedisTimeoutError("Timeout writing to socket") from None
        finally:
            self.socket_timeout = timeout

    async def can_read_destructive(self) -> bool:
        """Whether something lies unread, or the server has hung up: then nothing can be sent on this connection."""
        stream = self._reader
        return bool(stream._buffer) or stream.at_eof() or stream.exception() is not None


def _is_short(command: Any) -> bool:
    return isinstance(command, list) and sum(map(len, command)) <= SHORT


class PlainConnection(_Quick, Connection):
    """``redis://``"""


class TLSConnection(_Quick, SSLConnection):
    """``rediss://``"""


class SocketConnection(_Quick, UnixDomainSocketConnection):
    """``unix://``"""


CONNECTION_CLASSES = {"redis": PlainConnection, "rediss": TLSConnection, "unix": SocketConnection}
