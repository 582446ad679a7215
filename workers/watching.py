"""Following one job from async code, without asking the database over and over."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import router

from workers.events import job_group
from workers.lifecycle import watching
from workers.models import Job, JobState
from workers.results import TaskResult

logger = logging.getLogger("workers.watching")

SAFETY_INTERVAL = 30.0
"""Seconds without news after which the row is read once: a message may have been lost."""
PAUSE_AFTER_FAILURE = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands: its state, and what its task last said (``done`` of ``total``, ``note``)."""

    state: JobState
    attempts: int = 0
    done: float | None = None
    total: float | None = None
    note: str = ""

    @classmethod
    def of(cls, state: str, attempts: int, said: dict[str, Any] | None) -> "Progress":
        return cls(JobState(state), attempts, **(said or {}))


async def stream(result: TaskResult) -> AsyncIterator[Progress]:
    """Where the job stands now, and each change of it, until it has ended; ``result`` is then fresh.

    Raises TaskResultDoesNotExist when it was pruned. Changes within a tenth of a second are one.
    """
    async with _news_of(result.id) as news:
        now = await _read(result)
        yield now
        while not now.state.is_finished:
            seen, now = now, await _next(news, result)
            if now != seen:
                yield now
    await result.arefresh()


async def wait(result: TaskResult, timeout: float | None) -> None:
    """Until the job has ended; ``result`` is then fresh. Raises TimeoutError after ``timeout`` seconds."""
    async with asyncio.timeout(timeout):
        async for _ in stream(result):
            pass


@asynccontextmanager
async def _news_of(job_id: str) -> AsyncIterator["asyncio.Queue[dict[str, Any]]"]:
    """Listens from before the mark is made, so that nothing happens unheard in between."""
    layer: Any = get_channel_layer()
    channel, group = await layer.new_channel("workers"), job_group(job_id)
    news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def listen() -> None:
        while True:
            try:
                message = await layer.receive(channel)
            except Exception as error:
                # What was said meanwhile is lost, and the row is read in a while.
                logger.info("The channel layer brings no news of job %s (%r).", job_id, error)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            for event in message["jobs"]:
                news.put_nowait(event)

    await layer.group_add(group, channel)
    listening = asyncio.create_task(listen())
    try:
        await sync_to_async(watching.watch)(router.db_for_write(Job), job_id)
        yield news
    finally:
        # Once more if need be: a client library may turn the cancellation into an error of its own.
        while not listening.done():
            listening.cancel()
            await asyncio.wait([listening], timeout=0.1)
        await layer.group_discard(group, channel)


async def _next(news: "asyncio.Queue[dict[str, Any]]", result: TaskResult) -> Progress:
    try:
        # Not wait_for, which before Python 3.12 loses a cancellation that comes together with the news.
        async with asyncio.timeout(SAFETY_INTERVAL):
            event = await news.get()
    except TimeoutError:
        return await _read(result)
    return Progress.of(event["state"], event["attempts"], event["progress"])


async def _read(result: TaskResult) -> Progress:
    await result.arefresh()
    job = Job.objects.using(router.db_for_write(Job)).filter(id=result.id)
    said = await job.values_list("attempts", "progress").afirst()
    attempts, progress = said or (0, None)
    return Progress.of(result.state, attempts, progress)
