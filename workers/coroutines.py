"""The loop that the tasks' coroutines run on, apart from the loop that listens to the channels."""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async

from workers.connection import tidy_up
from workers.execution import Interrupted


class RunningCoroutine:
    """A coroutine on the shared loop, seen from the slot that waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any]) -> None:
        self._loop = loop
        self._call = call
        # The slot's, which is fresh for each job: the coroutine, too, knows whose it is.
        self._context = contextvars.copy_context()
        self._ended: queue.SimpleQueue[asyncio.Task[Any]] = queue.SimpleQueue()
        self._task: asyncio.Task[Any] | None = None
        self._stopped_by: BaseException | None = None
        loop.call_soon_threadsafe(self._start)

    def wait(self) -> Any:
        """Its value or exception, once it has really ended. Raises Interrupted when the worker stopped it."""
        task = self._ended.get()
        try:
            return task.result()
        except asyncio.CancelledError:
            if self._stopped_by is not None:
                raise self._stopped_by from None
            raise

    def cancel(self) -> None:
        """Ask it to stop; from any thread."""
        self._loop.call_soon_threadsafe(self._cancel)

    def stop_by(self, reason: BaseException) -> None:
        """Ask it to stop, and ``wait`` to raise this instead of CancelledError."""
        self._stopped_by = reason
        self.cancel()

    def _start(self) -> None:
        self._task = self._loop.create_task(self._alone(), context=self._context)
        self._task.add_done_callback(self._ended.put)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _alone(self) -> Any:
        # Its own thread for sync_to_async: otherwise all coroutines of the process would share one.
        async with ThreadSensitiveContext() as context:
            try:
                return await self._call()
            finally:
                if context in SyncToAsync.context_to_thread_executor:
                    await sync_to_async(tidy_up)()


class Coroutines:
    """The loop, in a thread of its own, and what runs on it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._running: set[RunningCoroutine] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._run, name="coroutines", daemon=True).start()

    def submit(self, call: Callable[[], Any]) -> RunningCoroutine:
        running = RunningCoroutine(self._loop, call)
        with self._lock:
            self._running.add(running)
        return running

    def forget(self, running: RunningCoroutine) -> None:
        with self._lock:
            self._running.discard(running)

    def interrupt_all(self) -> int:
        with self._lock:
            running = list(self._running)
        for each in running:
            # Because the worker stops, so that the attempt does not count.
            each.stop_by(Interrupted())
        return len(running)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        while True:
            try:
                self._loop.run_forever()
            except (KeyboardInterrupt, SystemExit):
                # asyncio lets a coroutine's sys.exit() through to the loop; it is the end of that job alone.
                continue
            break
        self._loop.close()
