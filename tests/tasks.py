"""Tasks whose behaviour a test chooses by argument."""

import asyncio
import threading
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone, translation

from workers import Cancelled, Constant, Discard, Retry, Snooze, task
from workers.models import Job, JobState


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


def steal(context: Any) -> None:
    """As a rescue does while the task still runs: the row carries another claim's token."""
    Job.objects.filter(id=context.task_result.id).update(claim_token=uuid4())


@task(takes_context=True)
def stop_when_called_off(context: Any, *, by_returning: bool) -> str:
    seen.append("looks")
    while not context.cancelled:
        if release.wait(0.01):
            return "nobody called it off"
    if by_returning:
        return "stopped early"
    raise Cancelled("stopped early")


@task(takes_context=True, max_attempts=3, backoff=Constant(0))
def report_until_called_off(context: Any) -> None:
    seen.append("reports")
    while not release.wait(0.01):
        context.progress(1)


@task(takes_context=True, max_attempts=3, backoff=Constant(0))
async def areport_until_called_off(context: Any) -> None:
    seen.append("reports")
    while not release.is_set():
        with suppress(asyncio.CancelledError):  # as code of somebody else may
            await context.aprogress(1)


@task(takes_context=True)
def report(context: Any, times: int, total: int) -> None:
    for done in range(times):
        context.progress(done, total, note=f"step {done}")


@task(takes_context=True)
def say_progress(context: Any, done: float, total: float | None, note: str) -> None:
    context.progress(done, total, note)


@task(takes_context=True)
def report_when_stolen(context: Any) -> None:
    steal(context)
    context.progress(1)


@task(max_attempts=3, backoff=Constant(0))
def raise_behind_the_gate(how: str) -> None:
    wait_at_gate.func(how)
    raise Snooze(0) if how == "snooze" else ValueError(how)


@task
def count_running(queue: str, seconds: float = 0) -> int:
    """How many jobs of the queue are claimed, this one among them; takes at least so long."""
    release.wait(seconds)
    return Job.objects.filter(queue=queue, state=JobState.RUNNING).count()


@task
def meet_and_leave(value: Any) -> Any:
    """Ends together with three others; "poison" asks for more seconds than a database can add to a time."""
    together.wait()
    if value == "poison":
        raise Snooze(1e300)
    return value
