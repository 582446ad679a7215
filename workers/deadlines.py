"""Timeouts: stopping a thread, or a coroutine, that runs longer than it may.

A thread is stopped by an exception thrown into it from outside (CPython's ``PyThreadState_SetAsyncExc``), which
arrives at its next bytecode. Weakness: code that never returns from a C call, or that swallows every exception,
does not stop; ``on_stuck`` is told, and only the end of the process helps.
"""

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from workers.exceptions import TaskTimeout

logger = logging.getLogger("workers.deadlines")

PATIENCE = 5.0
"""Seconds between the deadline and calling the thread stuck."""
IDLE = 3600.0
"""Seconds that the keeper waits at most: a lock cannot wait for ever, nor for a stuck call's infinity."""


class _Expired(BaseException):
    """Private, so that no ``except Exception`` of the task takes it for its own."""


class Deadline:
    """Runs one call under a timeout. What is thrown never lands after the call: both sides hold the same lock."""

    def __init__(self, seconds: float, on_stuck: Callable[[], None]) -> None:
        self.seconds = seconds
        self.acts_at = float("inf")
        self.expired = False
        self.on_stuck = on_stuck
        self._interrupt: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._over = False

    def run(self, call: Callable[[], Any], *, interrupt: Callable[[], None]) -> Any:
        """``call()`` in this thread. ``interrupt`` stops it from another: for a thread, ``throw_into``.

        Raises TaskTimeout for anything that comes out of the call after the deadline: libraries turn an
        interruption into errors of their own, and taking such a one for a connection error would mail twice.
        """
        thread = threading.get_ident()
        self._interrupt = interrupt
        try:
            try:
                keeper.watch(self)
                return call()
            finally:
                self._disarm(thread)
        except _Expired as expired:
            # With its traceback: it tells where the task was.
            raise TaskTimeout(self.seconds).with_traceback(expired.__traceback__) from None
        except BaseException as error:
            if self.expired:
                raise TaskTimeout(self.seconds) from error
            raise
        finally:
            # It is thrown once at most, so nothing lands here any more; it may have landed in the disarming.
            self._over = True
            keeper.forget(self)

    def act(self) -> None:
        """The moment has come: first interrupt; when that was in vain, complain. Called by the keeper."""
        if self.expired:
            self.acts_at = float("inf")
            if not self._over:
                self.on_stuck()
            return
        self.acts_at += PATIENCE
        with self._lock:
            if not self._over:
                self.expired = True
                self._interrupt()

    def _disarm(self, thread: int) -> None:
        with self._lock:
            self._over = True
            if self.expired:
                _receive_what_was_thrown_into(thread)


def throw_into(thread: int) -> None:
    """Raise, in that thread, the exception that ``Deadline.run`` knows as the end of the time."""
    _throw(thread, _Expired)


def _throw(thread: int, exception: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))


def _receive_what_was_thrown_into(thread: int) -> None:
    """Make sure that nothing is still on its way into this thread: it would land in the next job.

    Taking it back with NULL would do, but leaves CPython's eval breaker set: the whole process runs on its slow path
    from then on, and on 3.11 a traced or profiled thread never gets past its first call. So a last one is thrown,
    which replaces what has not arrived, and is waited for.
    """
    try:
        _throw(thread, _Expired)
        while True:
            pass
    except _Expired:
        return


class Keeper:
    """One thread that watches the clock for all deadlines of the process; only running calls are in its set."""

    def __init__(self) -> None:
        self._active: set[Deadline] = set()
        self._changed = threading.Condition()
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    def watch(self, deadline: Deadline) -> None:
        deadline.acts_at = time.monotonic() + deadline.seconds
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            self._active.add(deadline)
            if deadline.acts_at < self._wakes_at:
                self._changed.notify()

    def forget(self, deadline: Deadline) -> None:
        with self._changed:
            self._active.discard(deadline)

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                due = [deadline for deadline in self._active if deadline.acts_at <= now]
                if not due:
                    self._wakes_at = min((deadline.acts_at for deadline in self._active), default=now + IDLE)
                    self._changed.wait(min(self._wakes_at - now, IDLE))
            for deadline in due:
                try:
                    deadline.act()
                except Exception:
                    logger.exception("A deadline could not be enforced.")


keeper = Keeper()
