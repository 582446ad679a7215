"""Tasks that finish their job themselves, in the transaction that makes a group: the effect."""

from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import transaction

from tests import tasks
from workers import Constant, LeaseLost, task


@task(takes_context=True)
def complete(context: Any, effect: str, value: Any = None) -> str:
    with transaction.atomic():
        Group.objects.create(name=effect)
        context.complete(value)
    return "returned"


@task(takes_context=True)
async def acomplete(context: Any, effect: str, value: Any = None) -> None:
    await sync_to_async(complete.func)(context, effect, value)


@task(takes_context=True)
def complete_with_an_object(context: Any, effect: str) -> None:
    complete.func(context, effect, object())


@task(takes_context=True)
def complete_outside(context: Any) -> None:
    context.complete(1)


@task(takes_context=True, max_attempts=2, backoff=Constant(0))
def complete_and_fail_inside(context: Any, effect: str, fails: int) -> None:
    with transaction.atomic():
        Group.objects.create(name=effect)
        context.complete(context.attempt)
        if context.attempt <= fails:
            raise ValueError("inside")


@task(takes_context=True)
def complete_and_undo(context: Any, effect: str) -> str:
    with suppress(ValueError), transaction.atomic():
        Group.objects.create(name=effect)
        context.complete("undone")
        raise ValueError
    return "returned"


@task(takes_context=True, max_attempts=3)
def complete_and_fail_after(context: Any, effect: str) -> None:
    complete.func(context, effect, "completed")
    raise ValueError("too late")


@task(takes_context=True)
def complete_when_stolen(context: Any, effect: str) -> None:
    tasks.steal(context)
    try:
        complete.func(context, effect)
    except LeaseLost as error:
        tasks.seen.append(str(error))
        raise


@task(takes_context=True)
def complete_behind_the_gate(context: Any, effect: str) -> None:
    tasks.wait_at_gate.func(effect)
    complete.func(context, effect)


@task(takes_context=True)
def complete_twice(context: Any) -> None:
    complete.func(context, "once")
    try:
        complete.func(context, "twice")
    except RuntimeError as error:
        Group.objects.create(name=str(error))
