"""The slots: threads that run tasks, as many at once as the worker's concurrency.

A coroutine runs on a loop that all slots share, and its slot waits for it. The threads are daemons: a pool's threads
would hold up the exit and the autoreload of the development server.
"""

import contextvars
import inspect
import logging
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from workers import execution, outcome, queries
from workers.conf import Options
from workers.connection import tidy_up
from workers.coroutines import Coroutines
from workers.deadlines import Deadline, throw_into
from workers.models import Job
from workers.outcome import Outcome

logger = logging.getLogger("workers.slots")


class Slots:
    """Takes jobs from ``todo`` and gives every one back as an outcome, through ``finish``.

    ``running`` are the ids of the jobs whose code may be running at this moment.
    """

    def __init__(
        self,
        concurrency: int,
        options: Options,
        todo: queue.SimpleQueue[Job | None],
        finish: Callable[[Outcome], None],
        on_stuck: Callable[[Job], None],
    ) -> None:
        self.running: set[UUID] = set()
        self._todo = todo
        self._options = options
        self._finish = finish
        self._on_stuck = on_stuck
        self._coroutines = Coroutines()
        self._threads = [
            threading.Thread(target=self._work, name=f"slot-{number}", daemon=True) for number in range(concurrency)
        ]

    def start(self) -> None:
        self._coroutines.start()
        for thread in self._threads:
            thread.start()

    def interrupt_coroutines(self) -> int:
        """Cancel what runs on the loop, and say how much; those attempts end as interrupted."""
        return self._coroutines.interrupt_all()

    def close(self) -> None:
        """Let idle threads end. Busy ones are daemons and end with the process."""
        for _ in self._threads:
            self._todo.put(None)
        self._coroutines.stop()

    def _work(self) -> None:
        queries.watch_this_thread()
        while (job := self._todo.get()) is not None:
            # A fresh context resets the language, the time zone and whatever else the last job left behind.
            self.running.add(job.id)
            done = contextvars.Context().run(self._run, job)
            self.running.discard(job.id)
            self._finish(done)

    def _run(self, job: Job) -> Outcome:
        try:
            return execution.run(job, partial(self._invoke, job), self._options)
        except BaseException as error:
            logger.exception("Job %s could not be run.", job.id)
            return outcome.failed(job, error)
        finally:
            try:
                tidy_up()
            except Exception:
                logger.exception("A slot's database connections could not be closed.")

    def _invoke(
        self, job: Job, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float
    ) -> Any:
        deadline = Deadline(timeout, on_stuck=partial(self._on_stuck, job))
        call = partial(func, *args, **kwargs)
        if inspect.iscoroutinefunction(func):
            running = self._coroutines.submit(call)
            try:
                return deadline.run(running.wait, interrupt=running.cancel)
            finally:
                self._coroutines.forget(running)
        return deadline.run(call, interrupt=partial(_stop, threading.get_ident()))


def _stop(thread: int) -> None:
    throw_into(thread)
    queries.cancel(thread)
