"""Which job this code runs for, so that every line it logs can say so."""

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.models import Job

current_job: "ContextVar[Job | None]" = ContextVar("current_job", default=None)
"""Set by the slot in the job's own context; coroutines and ``sync_to_async`` take it along. A thread that a task starts
itself does not have it before Python 3.14's ``-X thread_inherit_context``."""

FIELDS = ("job_id", "task", "queue", "attempt")


class JobFilter(logging.Filter):
    """For a handler in LOGGING: gives each record ``job_id``, ``task``, ``queue`` and ``attempt``, "" when unknown.

    What the record brings itself (``extra=``) goes before.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        job = current_job.get()
        known = ("",) * len(FIELDS) if job is None else (str(job.id), job.task, job.queue, job.attempts + 1)
        for name, value in zip(FIELDS, known, strict=True):
            record.__dict__.setdefault(name, value)
        return True
