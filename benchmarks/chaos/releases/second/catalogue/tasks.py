"""The app after the deploy: ``price`` is called ``quote`` now, and ``announce`` is new."""

import asyncio
import time
from typing import Any

from benchmarks.chaos.jobs.execution import attempt
from workers import task


@task(takes_context=True, aliases=["catalogue.tasks.price"])
def quote(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        return nonce


@task(takes_context=True)
async def announce(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        await asyncio.sleep(seconds)
        return nonce
