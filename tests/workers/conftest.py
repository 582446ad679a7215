"""A notifier of the test's own."""

import asyncio

import pytest

from tests.waiting import wait_until
from workers.notifier import Notifier


@pytest.fixture
def notifier():
    made = Notifier()
    yield made
    if made._loop is not None:
        end(made._loop)


def end(loop):
    async def cancel_all():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(cancel_all(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    wait_until(lambda: not loop.is_running(), "the notifier's loop has stopped")
    loop.close()
