"""For tests that follow a job: a task that waits between two steps of its progress, and where to follow it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections

from tests import tasks
from tests.running_worker import RunningWorker
from workers import task

PATIENCE = 20


@task(takes_context=True)
def report_at_gate(context: Any) -> str:
    context.progress(1, 3, "one")
    tasks.wait_at_gate.func("reported")
    # Written although a second has not passed: it is the last one.
    context.progress(3, 3, "three")
    return "done"


def begin(worker: RunningWorker, coroutine: Coroutine[Any, Any, Any]) -> "Future[Any]":
    """On the worker's loop, because to it the in-memory layer belongs."""

    async def run() -> Any:
        try:
            return await coroutine
        finally:
            await sync_to_async(connections.close_all)()

    return asyncio.run_coroutine_threadsafe(run(), worker.loop)
