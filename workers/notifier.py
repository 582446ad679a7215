"""Sends the wake-ups. Whoever enqueues never waits for Redis and never hears of its troubles.

One thread with one event loop per process, started with the first wake-up: ``async_to_sync(layer.send)`` would
open a new connection for every call. While one send is under way further wake-ups of the same queue become one.
"""

import asyncio
import atexit
import logging
import os
import threading
import time
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer

from workers.interpreter import give_way
from workers.message import wake_up

logger = logging.getLogger("workers.notifier")

SEND_TIMEOUT = 5.0
FLUSH_TIMEOUT = 1.0
PAUSE = 0.002
"""Seconds for each round of sending, on average: while jobs stream in, telling of each costs more than storing it."""


class Notifier:
    """Coalesces wake-ups per queue and sends them one at a time, on a loop of its own or one it was lent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsent: dict[str, UUID | str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lent: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._sending: Future[None] | None = None
        self._failing = False
        self._round_before = 0.0

    def notify(self, queue: str, job_id: UUID | str) -> None:
        """Wake a worker of ``queue``; returns at once and raises nothing. A wake-up that is lost costs latency."""
        try:
            with self._lock:
                self._unsent.setdefault(queue, job_id)
                # Done and still here: the loop it was lent has ended, and cancelled it.
                begins = self._sending is None or self._sending.done()
                if begins:
                    loop = self._running_loop()
                    self._sending = asyncio.run_coroutine_threadsafe(self._send_all(), loop)
            if begins:
                give_way()
        except Exception:
            logger.warning("No wake-up for %s; the poll will find the job.", queue, exc_info=True)

    def use_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Send on this loop from now on: the in-memory layer belongs to the loop of the server. None: on its own."""
        with self._lock:
            self._lent, self._sending = loop, None

    def flush(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Wait until everything is sent, at most ``timeout`` seconds. Not to be called on the loop itself."""
        sending = self._sending
        if sending is not None:
            try:
                sending.result(timeout)
            except Exception:
                logger.debug("Wake-ups were left unsent.")

    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop it sends on, for what else is sent from this process."""
        with self._lock:
            return self._running_loop()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._lent is not None and not self._lent.is_closed():
            return self._lent
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        if self._thread is None:
            thread = threading.Thread(target=self._loop.run_forever, name="notifier", daemon=True)
            thread.start()
            # Only now: late in the exit of the interpreter no thread can be started.
            self._thread = thread
        return self._loop

    async def _send_all(self) -> None:
        while True:
            with self._lock:
                if not self._unsent:
                    self._sending = None
                    return
                unsent, self._unsent = self._unsent, {}
            began = time.monotonic()
            for queue, job_id in unsent.items():
                await self._send(queue, job_id)
            # A single job is told of twice in a row, while it is written and when it is committed.
            pause, self._round_before = self._round_before + 2 * PAUSE - time.monotonic(), began
            await asyncio.sleep(max(pause, 0))

    async def _send(self, queue: str, job_id: UUID | str) -> None:
        try:
            layer: Any = get_channel_layer()
            if layer is None:
                return
            async with asyncio.timeout(SEND_TIMEOUT):
                await layer.send(queue, wake_up(job_id))
        except ChannelFull:
            pass  # a hundred wake-ups lie unread: the workers are awake
        except Exception as error:
            # Once per outage, not once per job.
            log = logger.debug if self._failing else logger.warning
            log("The channel layer took no wake-up for %s (%r). Jobs run at the workers' next poll.", queue, error)
            self._failing = True
            return
        if self._failing:
            logger.info("The channel layer takes wake-ups again.")
        self._failing = False


notifier = Notifier()
atexit.register(lambda: notifier.flush())


def _after_fork() -> None:
    # The parent's loop and thread did not come along.
    notifier.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_after_fork)
