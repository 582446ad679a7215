"""What a task with ``takes_context=True`` gets first: its result so far, and three ways to speak of its own job."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections, router

from workers import compat, events, payload
from workers.exceptions import Cancelled, LeaseLost
from workers.lifecycle import completing
from workers.models import Job, JobState

REPORT_EVERY = 1.0
"""Seconds between two writes of a task's progress."""


class Handle:
    """The claimed job, as its running task may reach it."""

    def __init__(self, job: Job, max_bytes: int, called_off: Callable[[], str]) -> None:
        self.job = job
        self.max_bytes = max_bytes
        self.called_off = called_off
        self.completed = False
        self.value: Any = None
        self._reported_at = float("-inf")

    def complete(self, value: Any) -> None:
        database = router.db_for_write(Job)
        if not connections[database].in_atomic_block:
            raise RuntimeError(
                f"context.complete() finishes the job inside your transaction: call it within transaction.atomic() "
                f"on the database {database!r}."
            )
        value = payload.normalize(value, "the result", self.max_bytes)
        if not completing.complete(database, self.job, value):
            if self.completed:
                raise RuntimeError("context.complete() was called before, and the job has ended.")
            raise LeaseLost(f"job {self.job.id} was taken from this worker; the transaction must not commit")
        self.completed, self.value = True, value

    def completed_at(self) -> datetime | None:
        """When the completion was committed; None: there was none, or it was rolled back."""
        return completing.completed_at(router.db_for_write(Job), self.job) if self.completed else None

    def report(self, done: float, total: float | None, note: str) -> None:
        self.raise_if_called_off()
        now = time.monotonic()
        if now - self._reported_at < REPORT_EVERY and done != total:
            return
        self._reported_at = now
        progress = payload.normalize({"done": done, "total": total, "note": note}, "the progress", self.max_bytes)
        by = completing.report(router.db_for_write(Job), self.job, progress)
        self.job.progress = progress
        events.tell(self.job, JobState.RUNNING)
        if by is None:
            raise LeaseLost(f"job {self.job.id} was taken from this worker")
        if by:
            raise Cancelled(f"cancelled by {by}")

    def raise_if_called_off(self) -> None:
        if by := self.called_off():
            raise Cancelled(f"cancelled by {by}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext(compat.TaskContext):
    """Django's context, with ``attempt`` and ``task_result``, and the job's own verbs."""

    handle: Handle | None = field(default=None, repr=False, compare=False)

    @property
    def cancelled(self) -> bool:
        """Has somebody called this job off? Known within a heartbeat (5 s), or at the next ``progress``. A task that
        can stop early returns, or raises ``workers.Cancelled``."""
        return bool(self.handle and self.handle.called_off())

    def progress(self, done: float, total: float | None = None, note: str = "") -> None:
        """Say how far the task is: ``done`` of ``total``, in whatever unit. Written at most once a second.

        Raises Cancelled when the job was called off, and LeaseLost when it is no longer this worker's: let both
        through. Inside a transaction it is seen only after the commit.
        """
        if self.handle:
            self.handle.report(done, total, note)

    async def aprogress(self, done: float, total: float | None = None, note: str = "") -> None:
        await sync_to_async(self.progress)(done, total, note)

    def complete(self, value: Any = None) -> None:
        """Finish the job with this result inside the task's own transaction: both commit, or neither does.

        So what the transaction writes is done exactly once. Call it last, because it locks the job's row. Raises
        RuntimeError outside ``transaction.atomic()`` on the jobs' database, TypeError and ValueError for a result
        that cannot be kept, and LeaseLost when the job is no longer this worker's; all of them roll back. What the
        task raises after the commit is logged and changes nothing. In a coroutine: inside ``sync_to_async``.
        """
        if self.handle is None:
            raise RuntimeError("context.complete() needs a job of the workers' backend.")
        self.handle.complete(value)
