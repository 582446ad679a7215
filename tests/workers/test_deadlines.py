"""Timeouts: what is thrown stops its own job, never the next one."""

import itertools
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest

from tests.waiting import wait_until
from workers import deadlines
from workers.deadlines import Deadline, Keeper, keeper, throw_into
from workers.exceptions import TaskTimeout


class Spinner:
    """A call that ends by itself at about the same moment as its deadline."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self):
        end = time.perf_counter() + self.seconds
        while time.perf_counter() < end:
            pass
        return "done"


@pytest.fixture(autouse=True)
def _nothing_stays_behind():
    yield
    wait_until(lambda: not keeper._active, "the keeper forgot every deadline")


def in_thread(function):
    """Its value or exception, from a thread that then ends."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(30)


@pytest.fixture
def stuck():
    return []


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(deadlines, "PATIENCE", 0.05)


def run(call, seconds, on_stuck=lambda: None):
    return Deadline(seconds, on_stuck).run(call, interrupt=partial(throw_into, threading.get_ident()))


def spin_for_ever():
    while True:
        pass


def test_a_call_in_time_gives_its_value_or_its_own_exception():
    assert in_thread(lambda: run(lambda: 5, 60)) == 5
    with pytest.raises(LookupError, match="mine"):
        in_thread(lambda: run(lambda: {}["mine"], 60))
    with pytest.raises(SystemExit):
        in_thread(lambda: run(lambda: (_ for _ in ()).throw(SystemExit(2)), 60))


def test_a_call_out_of_time_is_stopped_and_tells_where_it_was():
    with pytest.raises(TaskTimeout, match=r"longer than its timeout of 0\.5 s") as caught:
        in_thread(lambda: run(spin_for_ever, 0.5))
    assert "spin_for_ever" in [entry.name for entry in caught.traceback]


def test_an_exception_of_the_calls_own_after_the_deadline_counts_as_the_timeout():
    def turn_into_a_connection_error():
        try:
            spin_for_ever()
        except BaseException as error:
            raise ConnectionError("the server went away") from error

    with pytest.raises(TaskTimeout) as caught:
        in_thread(lambda: run(turn_into_a_connection_error, 0.5))
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_broad_except_does_not_swallow_the_timeout():
    def careless():
        while True:
            try:
                spin_for_ever()
            except Exception:  # noqa: S112
                continue

    with pytest.raises(TaskTimeout):
        in_thread(lambda: run(careless, 0.02))


def test_what_the_task_put_into_finally_runs_innermost_first():
    cleaned = []

    def tidy():
        try:
            try:
                spin_for_ever()
            finally:
                cleaned.append("inner")
        finally:
            cleaned.append("outer")

    with pytest.raises(TaskTimeout):
        in_thread(lambda: run(tidy, 0.5))
    assert cleaned == ["inner", "outer"]


def test_a_value_returned_in_spite_of_the_timeout_is_kept():
    def stubborn():
        try:
            spin_for_ever()
        except BaseException:
            return "finished all the same"

    assert in_thread(lambda: run(stubborn, 0.5)) == "finished all the same"


@pytest.mark.usefixtures("impatient")
def test_a_call_that_does_not_stop_is_told_once(stuck):
    released = threading.Event()

    def swallow():
        while not released.is_set():
            try:
                released.wait(0.01)
            except BaseException:  # noqa: S112
                continue

    def end_it():
        wait_until(lambda: stuck, "it is told to be stuck")
        released.set()

    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(end_it)
        in_thread(lambda: run(swallow, 0.02, lambda: stuck.append(1)))
        ending.result(10)
    assert stuck == [1]


@pytest.mark.usefixtures("impatient")
def test_others_are_stopped_in_time_while_one_is_stuck(stuck):
    # A socket's read in C does not see what is thrown: a thread as stuck as any.
    ours, theirs = socket.socketpair()
    with ThreadPoolExecutor(1) as pool:
        blocked = pool.submit(run, lambda: ours.recv(1), 0.5, lambda: stuck.append(1))
        wait_until(lambda: stuck, "it is told to be stuck")
        # The keeper has nothing but a stuck call to watch, and must not give up over it.
        thread = keeper._thread
        with pytest.raises(TaskTimeout):
            in_thread(lambda: run(spin_for_ever, 0.02))
        assert keeper._thread is thread
        assert thread.is_alive()
        theirs.send(b"x")
        with suppress(TaskTimeout):
            assert blocked.result(10) == b"x"
    ours.close()
    theirs.close()
    assert stuck == [1]


def test_a_call_that_ended_is_not_called_stuck_afterwards(stuck):
    ended = Deadline(0.0, lambda: stuck.append(1))
    ended.acts_at = 0
    with pytest.raises(TaskTimeout):
        ended.run(spin_for_ever, interrupt=partial(throw_into, threading.get_ident()))
    # The keeper may have picked it as due at the very moment that it ended.
    ended.act()
    ended.act()
    assert stuck == []


def test_a_failing_interruption_does_not_stop_the_keeper(caplog):
    acted = threading.Event()

    def fail():
        acted.set()
        raise RuntimeError("no such thread")

    assert in_thread(lambda: Deadline(0.0, lambda: None).run(partial(acted.wait, 10), interrupt=fail))
    wait_until(lambda: "A deadline could not be enforced" in caplog.text, "the keeper says so")
    with pytest.raises(TaskTimeout):
        in_thread(lambda: run(spin_for_ever, 0.02))


@pytest.mark.parametrize("seconds", [1e6, 1e12, float("inf")])
def test_the_longest_timeouts_do_not_stop_the_keeper(seconds):
    own = Keeper()
    waiting = Deadline(seconds, lambda: None)
    own.watch(waiting)
    wait_until(lambda: own._wakes_at > 0, "the keeper waits")
    short = Deadline(0.0, lambda: None)
    acted = threading.Event()
    short._interrupt = acted.set
    own.watch(short)
    assert acted.wait(5)
    assert own._thread.is_alive()


def test_the_shorter_timeout_is_kept_though_it_came_later():
    started, ended = threading.Event(), threading.Event()

    def wait():
        started.set()
        return ended.wait(30)

    with ThreadPoolExecutor(1) as pool:
        longer = pool.submit(run, wait, 60)
        assert started.wait(10)
        with pytest.raises(TaskTimeout):
            in_thread(lambda: run(spin_for_ever, 0.02))
        ended.set()
        assert longer.result(10) is True


CALLS, THREADS, TIMEOUT = 1000, 3, 0.001
# Around the timeout, from clearly before to clearly after it, and often within microseconds of it.
SHIFTS = [-0.0008, -0.0002, -0.00005, 0, 0, 0.00002, 0.00005, 0.0001, 0.0003, 0.0008]


def test_nothing_lands_in_the_next_job_however_close_the_end_is(stuck):
    """Thousands of calls that end just when their time does, on threads that go on with the next job at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(meet_the_deadline, lambda: stuck.append(1)) for _ in range(THREADS)]
        came_out = sum((each.result(60) for each in running), Counter())
    assert came_out.keys() == {"value", "timeout"}, "both must have happened, or nothing was tried"
    assert came_out.total() == CALLS * THREADS
    assert not keeper._active
    assert stuck == []


def meet_the_deadline(on_stuck):
    came_out = Counter()
    for shift, _ in zip(itertools.cycle(SHIFTS), range(CALLS), strict=False):
        try:
            assert run(Spinner(TIMEOUT + shift), TIMEOUT, on_stuck) == "done"
            came_out["value"] += 1
        except TaskTimeout:
            came_out["timeout"] += 1
        # The next job, in the same thread: whatever lands here was not meant for it.
        for _ in range(100):
            threading.get_ident()
    return came_out
