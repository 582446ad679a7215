"""The one place where tests wait: for a condition, never for a time."""

import faulthandler
import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL = 0.02


def wait_until(predicate: Callable[[], T], description: str | Callable[[], str], timeout: float = 10) -> T:
    """Return the predicate's first true value, asked about every 20 ms.

    Fails the test with ``description`` (a string, or what to call for one) after ``timeout`` seconds, and shows where
    every thread is.
    """
    deadline = time.monotonic() + timeout
    while not (value := predicate()):
        if time.monotonic() > deadline:
            if sys.__stderr__:
                faulthandler.dump_traceback(sys.__stderr__)
            told = description if isinstance(description, str) else description()
            raise AssertionError(f"not within {timeout:g} s: {told}")
        time.sleep(INTERVAL)
    return value
