"""The jobs of the chaos. ``key`` is what the producer calls the job; ``seconds`` is how long it takes."""

import asyncio
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction

from benchmarks.chaos.jobs.execution import attempt
from benchmarks.chaos.jobs.models import Effect
from workers import Constant, Discard, Snooze, task

PATIENT = {"max_attempts": 100, "backoff": Constant(0.5)}
"""For tasks that need the database, which is away now and then."""


class Planned(Exception):
    """A failure that belongs to the job."""


@task(takes_context=True)
def work(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        return nonce


@task(takes_context=True, queue_name="slow")
def toil(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        return nonce


@task(takes_context=True)
async def idle(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        await asyncio.sleep(seconds)
        return nonce


@task(takes_context=True, max_attempts=3, backoff=Constant(0.5))
def stumble(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        if context.attempt < 3:
            raise Planned("not yet")
        return nonce


@task(takes_context=True, max_attempts=3, backoff=Constant(0.2))
async def fail(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key):
        await asyncio.sleep(seconds)
        raise Planned("never")


@task(takes_context=True)
def doze(context: Any, key: str, until: float) -> str:
    """Snoozes until the monotonic clock says ``until``."""
    with attempt(context, key) as nonce:
        if time.monotonic() < until:
            raise Snooze(0.4)
        return nonce


@task(takes_context=True)
def refuse(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key):
        time.sleep(seconds)
        raise Discard("not worth it")


@task(takes_context=True, queue_name="slow", timeout=0.5)
def overrun(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        end = time.monotonic() + 10 + seconds
        while time.monotonic() < end:
            time.sleep(0.05)
        return nonce


@task(takes_context=True, timeout=0.5)
async def oversleep(context: Any, key: str, seconds: float) -> str:
    with attempt(context, key) as nonce:
        await asyncio.sleep(10 + seconds)
        return nonce


@task(takes_context=True, **PATIENT)
def settle(context: Any, key: str, seconds: float) -> None:
    with attempt(context, key) as nonce:
        time.sleep(seconds)
        _settle(context, key, nonce)


@task(takes_context=True, **PATIENT)
async def asettle(context: Any, key: str, seconds: float) -> None:
    with attempt(context, key) as nonce:
        await asyncio.sleep(seconds)
        await sync_to_async(_settle)(context, key, nonce)


def _settle(context: Any, key: str, nonce: str) -> None:
    with transaction.atomic():
        Effect.objects.create(key=key, nonce=nonce)
        context.complete(nonce)
