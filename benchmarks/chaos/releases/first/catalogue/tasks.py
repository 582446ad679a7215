"""The app as it was before the deploy."""

import time
from typing import Any

from benchmarks.chaos.jobs.execution import attempt
from workers import task


@task(takes_context=True)
def price(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        return nonce
