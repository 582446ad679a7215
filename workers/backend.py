"""The Tasks backend: what ``task.enqueue(…)`` and ``task.get_result(…)`` reach."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import checks
from django.db import connections, router, transaction

from workers import compat, payload
from workers.conf import Options, problems
from workers.notifier import notifier
from workers.task import Task

if TYPE_CHECKING:
    from workers.results import TaskResult

logger = logging.getLogger("workers.backend")


class ChannelsBackend(compat.BaseTaskBackend):
    """Keeps jobs in the Django database and wakes ``runworker`` processes through the channel layer.

    Enqueueing is one INSERT on the caller's connection: it commits, or rolls back, with the caller's transaction.
    """

    task_class = Task
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        # The base class keeps a set; workers serve queues in the order of the settings.
        self.queue_names: list[str] = list(params.get("QUEUES", [compat.DEFAULT_TASK_QUEUE_NAME]))
        self.settings = Options.from_settings(self.options)

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> "TaskResult":
        """Raises InvalidTask, or TypeError and ValueError for arguments that cannot be kept, before any INSERT."""
        # Tasks are declared, and so backends built, before the models are loaded.
        from workers import results
        from workers.lifecycle import enqueueing
        from workers.models import Job

        self.validate_task(task)
        plain_args, plain_kwargs = payload.normalize_arguments(args, kwargs, self.settings.max_bytes)
        job = Job(
            backend=self.alias,
            queue=task.queue_name,
            task=task.module_path,
            args=plain_args,
            kwargs=plain_kwargs,
            priority=task.priority,
            requested_run_after=task.run_after,
        )
        database = router.db_for_write(Job)
        _warn_about_foreign_transaction(database, task)
        enqueueing.insert(job, database)
        transaction.on_commit(partial(notifier.notify, job.queue, job.id), using=database, robust=True)
        result = results.from_job(job, failures=[])
        compat.task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> "TaskResult":
        """Raises TaskResultDoesNotExist for an unknown, malformed or pruned id."""
        from workers import results
        from workers.models import Job

        try:
            job = Job.objects.using(router.db_for_write(Job)).get(id=UUID(str(result_id)), backend=self.alias)
        except (Job.DoesNotExist, ValueError):
            raise compat.TaskResultDoesNotExist(result_id) from None
        return results.from_job(job)

    def check(self, **kwargs: Any) -> Iterable[checks.CheckMessage]:
        for name, problem, cure in problems(self.options):
            yield checks.Error(
                f"TASKS[{self.alias!r}]['OPTIONS']: {problem}", hint=cure, id="workers.E001", obj=f"{self.alias}.{name}"
            )


def _warn_about_foreign_transaction(database: str, task: Any) -> None:
    if connections[database].in_atomic_block:
        return
    for other in connections.all(initialized_only=True):
        if other.alias != database and other.in_atomic_block:
            logger.warning(
                "%s is enqueued on database %r inside a transaction on %r, so it does not wait for that commit.",
                task.module_path,
                database,
                other.alias,
            )
            return
