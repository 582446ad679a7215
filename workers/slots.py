"""The slots: threads that run tasks, as many at once as the worker's concurrency.

A coroutine runs on a loop that all slots share, and its slot waits for it. The threads are daemons: a pool's threads
would hold up the exit and the autoreload of the development server.
"""

import contextvars
import inspect
import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from workers import events, execution, outcome, queries
from workers.begun import Begun
from workers.conf import Options
from workers.connection import tidy_up
from workers.coroutines import Coroutines, RunningCoroutine
from workers.current import current_job
from workers.deadlines import Deadline, throw_into
from workers.exceptions import Cancelled
from workers.inbox import Requests, Todo
from workers.models import Job
from workers.outcome import Outcome

logger = logging.getLogger("workers.slots")

is_coroutine_function = lru_cache(inspect.iscoroutinefunction)


class Slots:
    """Takes jobs from ``todo`` and gives every one back as an outcome, through ``finish``.

    ``running`` are the ids of the jobs whose code may be running at this moment.
    """

    def __init__(
        self,
        concurrency: int,
        options: Options,
        todo: Todo,
        finish: Callable[[Outcome], None],
        on_stuck: Callable[[Job], None],
        begun: Begun,
        ran: Callable[[str, str, float], None] = lambda queue, task, seconds: None,
    ) -> None:
        self.running: set[UUID] = set()
        self._called_off: Requests = {}
        self._running_coroutines: dict[UUID, RunningCoroutine] = {}
        self._todo = todo
        self._options = options
        self._finish = finish
        self._on_stuck = on_stuck
        self._begun = begun
        self._ran = ran
        self._coroutines = Coroutines()
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"slot-{number}", daemon=True)
            for number in range(concurrency)
        ]

    def start(self) -> None:
        self._coroutines.start()
        for thread in self._threads:
            thread.start()

    def interrupt_coroutines(self) -> int:
        """Cancel what runs on the loop, and say how much; those attempts end as interrupted."""
        return self._coroutines.interrupt_all()

    def call_off(self, requests: Requests) -> None:
        """Tell tasks that somebody wants them cancelled. What runs on the loop is cancelled there."""
        news = {claim: by for claim, by in requests.items() if claim not in self._called_off}
        self._called_off.update(news)
        for (job_id, _), by in news.items():
            if running := self._running_coroutines.get(job_id):
                running.stop_by(Cancelled(f"cancelled by {by}"))

    def close(self) -> None:
        """Let idle threads end. Busy ones are daemons and end with the process."""
        for _ in self._threads:
            self._todo.put(None)
        self._coroutines.stop()

    def _work(self, slot: int) -> None:
        queries.watch_this_thread()
        while (claimed := self._todo.get()) is not None:
            job = claimed.job
            if time.monotonic() - claimed.at > self._options.heartbeat_bound / 2:
                # This process stood still. It may have been declared dead, and the job may run elsewhere.
                self._finish(outcome.returned(job))
                continue
            # A fresh context resets the language, the time zone and whatever else the last job left behind.
            self.running.add(job.id)
            events.tell(job)
            self._begun.begin(slot, job.id)
            began = time.monotonic()
            done = contextvars.Context().run(self._run, job)
            self._called_off.pop((job.id, job.claim_token), None)
            job.ran_for = time.monotonic() - began
            self._ran(job.queue, job.task, job.ran_for)
            self.running.discard(job.id)
            self._begun.end(slot)
            self._finish(done)

    def _who_called_off(self, job: Job) -> str:
        # The row says so when it was called off under an earlier claim whose answer was lost.
        return self._called_off.get((job.id, job.claim_token)) or job.cancel_requested_by

    def _run(self, job: Job) -> Outcome:
        current_job.set(job)
        try:
            return execution.run(job, partial(self._invoke, job), self._options, partial(self._who_called_off, job))
        except BaseException as error:
            logger.exception("Job %s could not be run.", job.id)
            return outcome.failed(job, error)
        finally:
            try:
                if queries.opened_any():
                    tidy_up()
            except Exception:
                logger.exception("A slot's database connections could not be closed.")

    def _invoke(
        self, job: Job, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float
    ) -> Any:
        deadline = Deadline(timeout, on_stuck=partial(self._on_stuck, job))
        call = partial(func, *args, **kwargs)
        if is_coroutine_function(func):
            running = self._running_coroutines[job.id] = self._coroutines.submit(call)
            if by := self._who_called_off(job):
                # Between the last look at it and the line above.
                running.stop_by(Cancelled(f"cancelled by {by}"))
            try:
                return deadline.run(running.wait, interrupt=running.cancel)
            finally:
                del self._running_coroutines[job.id]
                self._coroutines.forget(running)
        return deadline.run(call, interrupt=partial(_stop, threading.get_ident()))


def _stop(thread: int) -> None:
    throw_into(thread)
    queries.cancel(thread)
