"""Coroutines of tasks: on one loop, each alone with its context and its thread, none able to end the loop."""

import asyncio
import contextvars
import sys
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from workers.coroutines import Coroutines
from workers.execution import Interrupted

flavour = contextvars.ContextVar("flavour", default="none")


@pytest.fixture
def coroutines():
    running = Coroutines()
    running.start()
    yield running
    running.stop()


async def give(value):
    await asyncio.sleep(0)
    return value


async def raise_it(error):
    await asyncio.sleep(0)
    raise error


async def wait_for_ever():
    await asyncio.Event().wait()


def test_a_value_comes_out(coroutines):
    assert coroutines.submit(lambda: give(3)).wait() == 3


def test_an_exception_comes_out(coroutines):
    with pytest.raises(LookupError, match="gone"):
        coroutines.submit(lambda: raise_it(LookupError("gone"))).wait()


def test_what_is_no_coroutine_after_all_is_an_error_of_its_own(coroutines):
    def fail():
        raise TypeError("an argument too many")

    with pytest.raises(TypeError, match="an argument too many"):
        coroutines.submit(fail).wait()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_a_coroutine_that_exits_ends_only_itself(coroutines, error):
    neighbour = coroutines.submit(wait_for_ever)
    with pytest.raises(type(error)):
        coroutines.submit(lambda: raise_it(error)).wait()
    assert coroutines.submit(lambda: give("still here")).wait() == "still here"
    neighbour.cancel()
    with pytest.raises(asyncio.CancelledError):
        neighbour.wait()


def test_cancelling_waits_for_the_real_end(coroutines):
    ended = []

    async def slow_to_go():
        try:
            await wait_for_ever()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    running = coroutines.submit(slow_to_go)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        running.wait()
    # Cancelled before its first step it never began.
    assert ended in ([], [True])


def test_interrupting_ends_all_as_interrupted_and_forgets_none_that_finished(coroutines):
    finished = coroutines.submit(lambda: give(1))
    assert finished.wait() == 1
    coroutines.forget(finished)
    running = [coroutines.submit(wait_for_ever) for _ in range(3)]
    coroutines.interrupt_all()
    for each in running:
        with pytest.raises(Interrupted):
            each.wait()
        coroutines.forget(each)
    assert coroutines._running == set()


def test_a_hundred_run_at_once(coroutines):
    gate = []

    async def meet():
        gate.append(1)
        while len(gate) < 100:
            await asyncio.sleep(0)
        return True

    running = [coroutines.submit(meet) for _ in range(100)]
    assert all(each.wait() for each in running)


def test_each_begins_with_what_its_slot_knows_and_leaves_nothing_behind(coroutines):
    async def look_and_set():
        seen = flavour.get()
        flavour.set("sweet")
        return seen

    # A slot has a fresh context for each job.
    slots = [contextvars.Context() for _ in range(2)]
    slots[1].run(flavour.set, "sour")
    for slot, known in zip(slots, ("none", "sour"), strict=True):
        assert [slot.run(coroutines.submit, look_and_set).wait() for _ in range(2)] == [known] * 2


def test_each_has_a_thread_of_its_own_for_sync_code(coroutines):
    together = threading.Barrier(2)

    async def meet_in_threads():
        def meet():
            together.wait(5)
            return threading.get_ident()

        first = await sync_to_async(meet)()
        return first, await sync_to_async(threading.get_ident)()

    running = [coroutines.submit(meet_in_threads) for _ in range(2)]
    (one, one_again), (two, two_again) = [each.wait() for each in running]
    assert one == one_again != two == two_again


@pytest.mark.django_db(transaction=True)
def test_a_database_connection_opened_in_a_coroutine_is_closed_after_it(coroutines):
    used = []

    def query():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        used.append(connection._connections[connection._alias])
        return used[0].connection is not None

    async def use_database():
        return await sync_to_async(query)()

    assert coroutines.submit(use_database).wait()
    assert used[0].connection is None


def test_the_thread_ends_when_it_is_stopped():
    before = set(threading.enumerate())
    running = Coroutines()
    running.start()
    [thread] = [each for each in set(threading.enumerate()) - before if each.name == "coroutines"]
    assert running.submit(lambda: give(sys.version)).wait()
    running.stop()
    thread.join(5)
    assert not thread.is_alive()
