"""Job ids: in order, unique, and with the time in them."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from workers.uuid7 import uuid7


def test_version_and_variant_are_those_of_the_standard():
    for _ in range(1000):
        made = uuid7()
        assert made.version == 7
        assert made.variant == "specified in RFC 4122"


def test_the_first_48_bits_are_the_time_in_milliseconds():
    before = time.time_ns() // 1_000_000
    made = uuid7().int >> 80
    after = time.time_ns() // 1_000_000
    # Ahead by one at most, when a counter that began near its end overflows.
    assert before <= made <= after + 1


def test_each_id_is_greater_than_all_before_in_all_threads():
    count, threads = 5_000, 8
    start = threading.Barrier(threads)

    def make(_):
        start.wait()
        return [uuid7() for _ in range(count)]

    with ThreadPoolExecutor(threads) as pool:
        made = list(pool.map(make, range(threads)))
    for of_one_thread in made:
        assert of_one_thread == sorted(of_one_thread)
    assert len({each for of_one_thread in made for each in of_one_thread}) == count * threads
    assert uuid7() > max(of_one_thread[-1] for of_one_thread in made)


def test_text_sorts_as_the_ids_do():
    made = [str(uuid7()) for _ in range(1000)]
    assert made == sorted(made)


def test_order_holds_when_the_clock_is_set_back(monkeypatch):
    first = uuid7()
    earlier = time.time_ns() - 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: earlier)
    assert first < uuid7() < uuid7()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_children_make_different_ids_though_their_clock_stands_still(monkeypatch):
    stopped = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: stopped)
    uuid7()
    assert len({*_made_in_a_fork(), *_made_in_a_fork()}) == 100


def _made_in_a_fork():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(uuid7().bytes for _ in range(50)))
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    return [data[start : start + 16] for start in range(0, len(data), 16)]
