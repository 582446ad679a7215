"""A value that is made once for all who look at the same time."""

import threading
from itertools import count

import pytest

from workers.admin.shared import Shared


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_is_made_again_only_when_its_lifetime_is_over():
    clock, numbers = Clock(), count()
    shared = Shared(lambda: next(numbers), 2.0, clock)
    assert shared.is_over
    assert [shared.get(), shared.get()] == [0, 0]
    clock.now += 1.9
    assert shared.get() == 0
    assert not shared.is_over
    clock.now += 0.1
    assert shared.is_over
    assert shared.get() == 1


def test_an_error_is_not_kept():
    answers = iter([ZeroDivisionError(), 7])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    shared = Shared(make, 60)
    with pytest.raises(ZeroDivisionError):
        shared.get()
    assert shared.get() == 7


def test_who_comes_while_it_is_made_waits_for_it():
    going, go_on, made = threading.Event(), threading.Event(), []

    def make() -> str:
        made.append(1)
        going.set()
        assert go_on.wait(10)
        return "made"

    shared, got = Shared(make, 60), []
    threads = [threading.Thread(target=lambda: got.append(shared.get())) for _ in range(3)]
    threads[0].start()
    assert going.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert got == ["made"] * 3
    assert len(made) == 1
