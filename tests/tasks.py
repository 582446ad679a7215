"""Tasks whose behaviour a test chooses by argument."""

import asyncio
import threading
import time
from contextlib import suppress
from typing import Any

from django.db import connection
from django.utils import timezone, translation

from workers import Constant, Discard, Retry, Snooze, task
from workers.models import Job


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


seen: list[Any] = []
"""What ran, in order; cleared by whoever looks."""
gate = threading.Event()
"""Tasks that wait at the gate run until a test opens it."""
together = threading.Barrier(4, timeout=10)


@task
def note(value: Any) -> None:
    seen.append(value)


@task
def wait_at_gate(value: Any = None) -> Any:
    seen.append(value)
    if not gate.wait(20):
        raise TimeoutError("nobody opened the gate")
    return value


@task
async def await_forever() -> None:
    seen.append("awaiting")
    await asyncio.sleep(60)


@task
async def refuse_to_be_cancelled(seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            continue
    return "not cancelled"


@task
def meet() -> int:
    """Returns only when four of these run at once."""
    return together.wait()


@task
def leave_a_mess() -> None:
    translation.activate("de")
    timezone.activate("Asia/Tokyo")
    connection.set_autocommit(False)
    Job.objects.count()


@task
def look_around() -> list[Any]:
    return [translation.get_language(), timezone.get_current_timezone_name(), connection.get_autocommit()]


@task
async def count_jobs() -> int:
    return await Job.objects.acount()


@task
def enqueue_another(value: Any) -> str:
    return note.enqueue(value).id


@task(aliases=["tests.tasks.old_name"])
def new_name(value: Any) -> None:
    seen.append(value)


@task
def fail_with_nul() -> None:
    raise ValueError("a\x00b")


class Wordless(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@task
def fail_without_words() -> None:
    raise Wordless


release = threading.Event()


@task(timeout=0.2)
def swallow_everything() -> None:
    seen.append("stubborn")
    while not release.is_set():
        with suppress(BaseException):
            time.sleep(0.02)
