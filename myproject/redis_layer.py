"""Channels' layer on Redis, through which a worker is woken in half the time."""

import time
from typing import Any

from channels.exceptions import ChannelFull
from channels_redis.core import RedisChannelLayer

SEND = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ARGV[2] - ARGV[3])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class QuickRedisChannelLayer(RedisChannelLayer):
    """Sends to a named channel, and receives from it, in one round trip each; the original takes four and three.

    Messages and keys are the original's, so both can share a Redis. Groups and the channels of one receiver are left
    to it.

    It keeps no copy of what was received until the receiver goes on, because several receivers share the original's
    copies and hand some messages out twice. So each is given to one of them, once. It is lost with a connection that
    breaks, or a receiver that is cancelled, in the moment in which it comes, as with the original.
    """

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Raises ChannelFull when as many as the channel's capacity lie unread."""
        if not self._is_shared(channel):
            await super().send(channel, message)
            return
        assert isinstance(message, dict), "message is not a dict"  # noqa: S101
        assert self.require_valid_channel_name(channel), "Channel name not valid"  # noqa: S101
        values = self.serialize(message), time.time(), int(self.expiry), self.get_capacity(channel)
        if not await self.connection(0).eval(SEND, 1, self.prefix + channel, *values):
            raise ChannelFull

    async def receive(self, channel: str) -> dict[str, Any]:
        """The oldest message; waits until there is one."""
        if not self._is_shared(channel):
            return await super().receive(channel)
        assert self.require_valid_channel_name(channel, receive=True), "Channel name invalid"  # noqa: S101
        popped = None
        while popped is None:
            popped = await self.connection(0).bzpopmin(self.prefix + channel, timeout=self.brpop_timeout)
        _, message, _ = popped
        return self.deserialize(message)

    def _is_shared(self, channel: str) -> bool:
        return "!" not in channel and self.ring_size == 1
