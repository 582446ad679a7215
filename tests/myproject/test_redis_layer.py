"""What one layer sends to Redis the other receives, whichever of the two is the original."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels_redis.core import RedisChannelLayer

from myproject.redis_connections import PlainConnection
from myproject.redis_layer import QuickRedisChannelLayer

BOTH = [RedisChannelLayer, QuickRedisChannelLayer]
MANY = 500


def run(use, *layers):
    async def used():
        try:
            return await use(*layers)
        finally:
            for layer in layers:
                await layer.close_pools()

    return async_to_sync(used)()


@pytest.mark.parametrize("receiver", BOTH)
@pytest.mark.parametrize("sender", BOTH)
def test_messages_arrive_in_their_order(config, sender, receiver):
    async def heard(sending, receiving):
        specific = await receiving.new_channel()
        for number in range(3):
            await sending.send("thumbnailer", {"type": "job.ready", "id": f"é{number}"})
            await sending.send(specific, {"type": "told", "number": number})
        general = [(await receiving.receive("thumbnailer"))["id"] for _ in range(3)]
        return general, [(await receiving.receive(specific))["number"] for _ in range(3)]

    assert run(heard, sender(**config), receiver(**config)) == (["é0", "é1", "é2"], [0, 1, 2])


@pytest.mark.parametrize("sender", BOTH)
def test_a_full_channel_refuses_and_keeps_what_it_has(config, sender):
    async def heard(layer):
        for number in range(2):
            await layer.send("narrow", {"number": number})
        with pytest.raises(ChannelFull):
            await layer.send("narrow", {"number": 2})
        first = (await layer.receive("narrow"))["number"]
        await layer.send("narrow", {"number": 3})
        return [first, *[(await layer.receive("narrow"))["number"] for _ in range(2)]]

    assert run(heard, sender(**config | {"capacity": 100, "channel_capacity": {"narrow": 2}})) == [0, 1, 3]


@pytest.mark.parametrize("sender", BOTH)
def test_a_message_that_nobody_took_in_time_makes_room(config, sender):
    async def heard(layer):
        await layer.send("slow", {"number": 0})
        async with asyncio.timeout(5):
            while True:
                try:
                    await layer.send("slow", {"number": 1})
                    break
                except ChannelFull:
                    await asyncio.sleep(0.01)
        return (await layer.receive("slow"))["number"]

    assert run(heard, sender(**config | {"capacity": 1, "expiry": 1})) == 1


@pytest.mark.parametrize("sender", BOTH)
def test_a_channel_that_nobody_reads_is_gone_from_redis_in_the_end(redis, config, sender):
    async def send(layer):
        await layer.send("forgotten", {"number": 0})

    run(send, sender(**config))
    assert 0 < int(redis.call(f"TTL {config['prefix']}forgotten").removeprefix(":")) <= config["expiry"]


@pytest.mark.parametrize("sender", BOTH)
@pytest.mark.parametrize(("channel", "message"), [("two words", {}), ("a" * 100, {}), ("fine", "text")])
def test_what_cannot_be_sent_is_refused(config, sender, channel, message):
    async def send(layer):
        with pytest.raises((TypeError, AssertionError)):
            await layer.send(channel, message)

    run(send, sender(**config))


class Counting(PlainConnection):
    sent = 0

    async def send_packed_command(self, *args, **kwargs):
        Counting.sent += 1
        await super().send_packed_command(*args, **kwargs)


@pytest.fixture
def counting(config):
    [host] = config["hosts"]
    return QuickRedisChannelLayer(**config | {"hosts": [host | {"connection_class": Counting}]})


def test_a_wake_up_is_sent_in_one_round_trip_and_received_in_one(counting):
    async def used(layer):
        await layer.send("bell", {"number": 0})
        await layer.receive("bell")
        before = Counting.sent
        await layer.send("bell", {"number": 1})
        await layer.receive("bell")
        return Counting.sent - before

    assert run(used, counting) == 2


def test_each_message_goes_to_one_of_many_receivers_once(config):
    layers = [QuickRedisChannelLayer(**config | {"capacity": MANY}) for _ in range(5)]

    async def heard(sending, *receiving):
        numbers = []

        async def listen(layer):
            while True:
                numbers.append((await layer.receive("shared"))["number"])

        listeners = [asyncio.create_task(listen(layer)) for layer in receiving]
        for number in range(MANY):
            await sending.send("shared", {"number": number})
        async with asyncio.timeout(10):
            while len(numbers) < MANY:
                await asyncio.sleep(0.001)
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
        return numbers

    assert sorted(run(heard, *layers)) == list(range(MANY))
