"""Fixtures for every test."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer


@pytest.fixture(autouse=True)
def clean_channel_layer(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins with a layer in which nothing lies, of its own event loop."""
    channel_layers.backends.clear()
    if request.config.option.layer == "redis":
        async_to_sync(_flush)()
    yield
    channel_layers.backends.clear()


async def _flush() -> None:
    # Only keys under our own prefix.
    layer = get_channel_layer()
    await layer.flush()
    await layer.close_pools()


@pytest.fixture
def options(settings: Any) -> Any:
    """``options(POLL_INTERVAL=60)`` sets OPTIONS of the backend for this test."""

    def set_options(**values: Any) -> None:
        changed = deepcopy(settings.TASKS)
        changed["default"]["OPTIONS"] |= values
        settings.TASKS = changed

    return set_options
