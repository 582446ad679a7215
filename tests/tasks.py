"""Tasks whose behaviour a test chooses by argument."""

import asyncio
import time
from typing import Any

from workers import Constant, Discard, Retry, Snooze, task


@task
def echo(*args: Any, **kwargs: Any) -> Any:
    return [list(args), kwargs]


@task
async def aecho(*args: Any, **kwargs: Any) -> Any:
    await asyncio.sleep(0)
    return [list(args), kwargs]


@task(takes_context=True)
def tell_context(context: Any) -> Any:
    return [context.attempt, context.task_result.id]


@task
def fail(message: str = "no") -> None:
    raise ValueError(message)


@task(max_attempts=3, backoff=Constant(0))
def fail_three_times() -> None:
    raise ValueError("again")


@task(max_attempts=3, backoff=Constant(60))
def fail_and_wait() -> None:
    raise ValueError("later")


@task(takes_context=True, max_attempts=3, backoff=Constant(0))
def succeed_at(context: Any, attempt: int) -> int:
    if context.attempt < attempt:
        raise ConnectionError(f"attempt {context.attempt}")
    return context.attempt


@task(max_attempts=3)
def retry_after(seconds: float | None) -> None:
    raise Retry("the server is busy", after=seconds)


@task
def snooze(seconds: float) -> None:
    raise Snooze(seconds)


@task(max_attempts=3)
def discard(reason: str) -> None:
    raise Discard(reason)


@task(max_attempts=5, backoff=lambda exception, task_result: None)
def give_up() -> None:
    raise ValueError("hopeless")


@task
def return_object() -> object:
    return object()


@task
def return_text(length: int) -> str:
    return "x" * length


@task
def exit_process() -> None:
    raise SystemExit(3)


@task(timeout=0.2)
def sleep_too_long() -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(0.01)


@task(timeout=0.2)
async def asleep_too_long() -> None:
    await asyncio.sleep(30)
