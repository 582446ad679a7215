"""Wake-ups on a real Redis of the test's own: few connections, and no trouble with broken ones."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from myproject.environment import channel_layers
from tests.servers import Redis
from tests.services import own


@pytest.fixture(scope="module")
def redis():
    server = own(Redis)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _layer_on_redis(redis, settings, notifier):
    settings.CHANNEL_LAYERS = channel_layers({"REDIS_URL": redis.url, "CHANNEL_PREFIX": f"test-{uuid4().hex}"})
    yield
    asyncio.run_coroutine_threadsafe(get_channel_layer().close_pools(), notifier._loop).result(10)


def unread(redis, queue):
    return int(redis.call(f"ZCARD {get_channel_layer().prefix}{queue}").removeprefix(":"))


def test_a_thousand_wake_ups_from_eight_threads_open_at_most_two_connections(redis, notifier):
    before = int(redis.info("total_connections_received"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: notifier.notify(f"queue-{number % 3}", uuid4()), range(1000)))
    notifier.flush(10)
    # The second question is a connection too.
    opened = int(redis.info("total_connections_received")) - before - 1
    assert 1 <= opened <= 2
    assert all(unread(redis, f"queue-{number}") >= 1 for number in range(3))


def test_a_closed_connection_is_opened_again(redis, notifier, caplog):
    notifier.notify("default", uuid4())
    notifier.flush(10)
    redis.call("CLIENT KILL TYPE normal SKIPME yes")
    notifier.notify("default", uuid4())
    notifier.flush(10)
    assert unread(redis, "default") == 2
    assert caplog.text == ""


def test_a_restart_is_told_at_most_once_and_then_wake_ups_arrive_again(redis, notifier, caplog):
    caplog.set_level(logging.WARNING, "workers.notifier")
    notifier.notify("default", uuid4())
    notifier.flush(10)
    redis.halt()
    for _ in range(3):
        notifier.notify("default", uuid4())
    redis.start()
    notifier.flush(10)
    notifier.notify("default", uuid4())
    notifier.flush(10)
    assert unread(redis, "default") >= 1
    assert len([record for record in caplog.records if record.name == "workers.notifier"]) <= 1
