"""Tasks that log by a logger of their own, from wherever code of theirs runs."""

import logging
from typing import Any

from asgiref.sync import sync_to_async

from workers import Constant, task

logger = logging.getLogger("some.library")


@task(max_attempts=2, backoff=Constant(0), takes_context=True)
def say(context: Any, text: str) -> None:
    """Says it at both attempts, the first of which fails."""
    logger.warning(text)
    if context.attempt == 1:
        raise ConnectionError(text)


@task
async def asay(text: str) -> None:
    logger.warning(text)
    await sync_to_async(logger.warning)(f"{text} in a thread")
