"""A Redis of the module's own, and the layer's configuration on it, as the environment makes it."""

from uuid import uuid4

import pytest

from myproject.environment import channel_layers
from tests.servers import Redis
from tests.services import own


@pytest.fixture(scope="module")
def redis():
    server = own(Redis)
    yield server
    server.stop()


@pytest.fixture
def config(redis):
    return channel_layers({"REDIS_URL": redis.url, "CHANNEL_PREFIX": f"test-{uuid4().hex}"})["default"]["CONFIG"]
