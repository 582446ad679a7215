"""Fixtures for every test."""

import asyncio
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import hypothesis
import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer

from workers.notifier import notifier

# Property tests make the same examples every time, however long one takes on a busy machine. At import, because
# @settings takes its defaults when it decorates.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With ``--reruns``: why a test that passed in the end had failed before, which would be forgotten otherwise."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"FAILED ONCE, then run again: {report.nodeid}", red=True)
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(autouse=True)
def clean_channel_layer(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins with a layer in which nothing lies, of its own event loop."""
    _close_what_was_sent_by(channel_layers.backends.values())
    channel_layers.backends.clear()
    if request.config.option.layer == "redis":
        async_to_sync(_flush)()
    yield
    _close_what_was_sent_by(channel_layers.backends.values())
    channel_layers.backends.clear()


def _close_what_was_sent_by(layers: Iterable[Any]) -> None:
    """The connections of the notifier's own loop, which nobody could close once their layer is forgotten."""
    # Not at the top, where the models may not be there yet.
    from workers.events import broadcaster

    broadcaster.flush(10)
    notifier.flush(10)
    if notifier._thread is not None and notifier._loop is not None:
        for layer in layers:
            if hasattr(layer, "close_pools"):
                asyncio.run_coroutine_threadsafe(layer.close_pools(), notifier._loop).result(10)


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
