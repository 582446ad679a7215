"""Enqueues the jobs, inside the virtualenv of the peer: ``python -m benchmarks.producer VERB NUMBER…``.

Prints one line of JSON. The module named by BENCH_TASKS has ``enqueue(job)``, a function or a coroutine, and may have
``enqueue_bulk(jobs)`` where the peer has a way to enqueue many at once.
"""

import asyncio
import inspect
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.marks import Marks

Enqueue = Callable[[int], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]
BATCH = 1000
STILL_OUT = 30


async def fill(
    tasks: ModuleType, enqueue: Enqueue, sleep: Sleep, first: int, singles: int, bulk: int
) -> dict[str, Any]:
    """``singles`` jobs one by one, timed; then ``bulk`` more as fast as the peer knows how."""
    calls, began = [], time.perf_counter()
    for job in range(first, first + singles):
        before = time.perf_counter_ns()
        await enqueue(job)
        calls.append(time.perf_counter_ns() - before)
    seconds = time.perf_counter() - began
    jobs = range(first + singles, first + singles + bulk)
    if hasattr(tasks, "enqueue_bulk"):
        for start in range(0, len(jobs), BATCH):
            tasks.enqueue_bulk(jobs[start : start + BATCH])
    else:
        for job in jobs:
            await enqueue(job)
    return {"call_us": median(calls) / 1000, "rate": singles / seconds} if calls else {}


async def flow(tasks: ModuleType, enqueue: Enqueue, sleep: Sleep, first: int, jobs: int) -> dict[str, Any]:
    """``jobs`` one by one, as fast as one producer can, while the workers work."""
    began = time.monotonic_ns()
    for job in range(first, first + jobs):
        await enqueue(job)
    return {"began": began, "ended": time.monotonic_ns()}


async def pace(
    tasks: ModuleType, enqueue: Enqueue, sleep: Sleep, first: int, jobs: int, shortest: float, longest: float
) -> dict[str, Any]:
    """One job at a time, each a random while after the one before it has run: the workers are idle when it comes."""
    marks, samples = Marks(Path(os.environ["MARKS"])), []
    for job in range(first, first + jobs):
        await sleep(random.uniform(shortest, longest))
        marks_before, called = marks.count(), time.monotonic_ns()
        await enqueue(job)
        samples.append((job, called, time.monotonic_ns()))
        deadline = time.monotonic() + STILL_OUT
        while marks.count() == marks_before and time.monotonic() < deadline:
            await sleep(0.02)
    return {"samples": samples}


VERBS: dict[str, Any] = {"fill": fill, "flow": flow, "pace": pace}


async def produce(tasks: ModuleType, verb: str, numbers: list[float]) -> dict[str, Any]:
    if start := getattr(tasks, "start", None):
        await start()
    return await VERBS[verb](tasks, tasks.enqueue, asyncio.sleep, *numbers)


def produce_without_a_loop(tasks: ModuleType, verb: str, numbers: list[float]) -> dict[str, Any]:
    """A view or a script that is not async has no running loop, and some peers behave differently inside one."""

    async def enqueue(job: int) -> None:
        tasks.enqueue(job)

    async def sleep(seconds: float) -> None:
        time.sleep(seconds)

    try:
        VERBS[verb](tasks, enqueue, sleep, *numbers).send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("nothing in it awaits a loop")


def main(verb: str, *numbers: str) -> None:
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        import django

        django.setup()
    tasks = import_module(os.environ["BENCH_TASKS"])
    values = [float(number) if "." in number else int(number) for number in numbers]
    if inspect.iscoroutinefunction(tasks.enqueue):
        print(json.dumps(asyncio.run(produce(tasks, verb, values))))
    else:
        print(json.dumps(produce_without_a_loop(tasks, verb, values)))


if __name__ == "__main__":
    main(*sys.argv[1:])
