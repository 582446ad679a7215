"""The background-task runner: jobs kept in the database, woken through the channel layer."""

from workers.backoff import Constant, Exponential
from workers.exceptions import Discard, Retry, Snooze, TaskTimeout
from workers.task import Task, task

__all__ = ["Constant", "Discard", "Exponential", "Retry", "Snooze", "Task", "TaskTimeout", "task"]
