"""The layer's connections to Redis, as the environment sets them."""

import asyncio
import signal

import pytest
from asgiref.sync import async_to_sync
from channels_redis.core import RedisChannelLayer
from channels_redis.utils import create_pool
from redis.asyncio import Connection
from redis.exceptions import TimeoutError as RedisTimeoutError

TRIES = 100


@pytest.fixture
def layer(config):
    return RedisChannelLayer(**config)


def test_no_cancellation_is_lost_at_whatever_moment_it_comes(layer):
    async def lost():
        channel, lingering = await layer.new_channel(), 0
        for number in range(TRIES):
            listening = asyncio.create_task(layer.receive(channel))
            # By and by at each of its steps.
            for _ in range(number % 20):
                await asyncio.sleep(0)
            listening.cancel()
            done, _ = await asyncio.wait([listening], timeout=5)
            if not done:
                lingering += 1
                listening.cancel()
        await layer.close_pools()
        return lingering

    assert async_to_sync(lost)() == 0


def test_what_was_sent_arrives(layer):
    async def heard():
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "told", "number": 3})
        message = await layer.receive(channel)
        await layer.close_pools()
        return message

    assert async_to_sync(heard)() == {"type": "told", "number": 3}


@pytest.fixture
def connection(config):
    """How the layer makes one."""
    [host] = config["hosts"]
    return create_pool(host).make_connection()


async def until_unusable(connection):
    async with asyncio.timeout(5):
        while not await connection.can_read_destructive():
            await asyncio.sleep(0.001)


def test_a_connection_whose_server_hung_up_or_on_which_an_answer_lies_is_known(redis, connection):
    async def told():
        await connection.connect()
        await connection.send_command("CLIENT", "ID")
        number = await connection.read_response()
        assert not await connection.can_read_destructive()
        await connection.send_command("PING")
        await until_unusable(connection)
        assert await connection.read_response() == b"PONG"
        assert not await connection.can_read_destructive()
        redis.call(f"CLIENT KILL ID {number}")
        await until_unusable(connection)
        await connection.disconnect()

    async_to_sync(told)()


def test_a_server_that_hung_up_between_two_messages_costs_none(redis, layer):
    async def heard():
        channel = await layer.new_channel()
        for number in range(3):
            await layer.send(channel, {"type": "told", "number": number})
            redis.call("CLIENT KILL TYPE normal SKIPME yes")
        numbers = [(await layer.receive(channel))["number"] for _ in range(3)]
        await layer.close_pools()
        return numbers

    assert async_to_sync(heard)() == [0, 1, 2]


@pytest.mark.parametrize(
    "command",
    [
        ("ZADD", "k", 1763791234.1234567, b"\x00\xff"),
        ("EVAL", "é", 0, 10**20, -0.0),
        ("CLIENT INFO",),
        ("X", "a" * 70_000),
    ],
)
def test_commands_look_as_redis_py_writes_them(connection, command):
    assert b"".join(connection.pack_command(*command)) == b"".join(Connection().pack_command(*command))


def test_a_server_that_reads_nothing_more_is_told_of_in_time(redis, connection):
    async def send():
        await connection.connect()
        connection.socket_timeout = 0.2
        transport = connection._writer.transport
        redis.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(RedisTimeoutError):
                await connection.send_command("ECHO", b"x" * 50_000_000)
                # CPython 3.12 and some after it never hold up whoever writes lines.
                await connection.read_response()
        finally:
            redis.process.send_signal(signal.SIGCONT)
        # It would try to send the rest, beyond the end of this loop.
        transport.abort()
        await asyncio.sleep(0)

    async_to_sync(send)()
