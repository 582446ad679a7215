"""A value that is made once for all who look at the same time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Made when it is asked for and older than ``lifetime`` seconds of ``clock``; who asks meanwhile waits for it.

    An error goes to whoever asked, and the next one tries again.
    """

    def __init__(self, make: Callable[[], T], lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._lifetime, self._clock = make, lifetime, clock
        self._lock = threading.Lock()
        self._made: tuple[float, T] | None = None

    @property
    def is_over(self) -> bool:
        """The next ``get`` makes it anew."""
        return self._made is None or self._clock() - self._made[0] >= self._lifetime

    def get(self) -> T:
        with self._lock:
            if self._made is None or self.is_over:
                self._made = (self._clock(), self._make())
            return self._made[1]
