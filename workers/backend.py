"""The Tasks backend: what ``task.enqueue(…)`` and ``task.get_result(…)`` reach."""

import logging
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import checks
from django.db import connections, router

from workers import compat, payload, tracing
from workers.after_commit import after_commit
from workers.conf import Options, problems
from workers.notifier import notifier
from workers.task import Task, refuse_unless_importable

if TYPE_CHECKING:
    from workers.call import Call
    from workers.results import TaskResult
    from workers.watching import Progress

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
        from workers.call import Call
        from workers.lifecycle import enqueueing
        from workers.models import Job

        self.validate_task(task)
        refuse_unless_importable(task)
        call = Call(*payload.normalize_arguments(args, kwargs, self.settings.max_bytes))
        database = router.db_for_write(Job)
        warn_about_foreign_transaction(database, task)
        if not connections[database].in_atomic_block:
            # On its way while the row is written. A worker that is faster finds nothing, and hears again below.
            notifier.notify(task.queue_name, call.id)
        with tracing.enqueuing(task.queue_name, task.module_path, [call.id]) as trace:
            enqueued_at = enqueueing.insert(database, task, [call], trace)
        after_commit(database, notifier.notify, task.queue_name, call.id)
        tell_owner(database, task, [call])
        result = results.of_new_job(task, call, enqueued_at)
        compat.task_enqueued.send(type(self), task_result=result)
        return result

    async def wait(self, result: "TaskResult", timeout: float | None) -> None:
        from workers import watching

        await watching.wait(result, timeout)

    def stream(self, result: "TaskResult") -> "AsyncIterator[Progress]":
        from workers import watching

        return watching.stream(result)

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


def tell_owner(database: str, task: Any, calls: "Iterable[Call]") -> None:
    """Once these jobs are committed, their owner's pages hear of them."""
    if owner := getattr(task, "owner", ""):
        from workers.call import initial_state
        from workers.events import tell_enqueued

        ids = [call.id for call in calls]
        told = (owner, ids, task.module_path, task.queue_name, initial_state(task).value)
        after_commit(database, tell_enqueued, *told)


def warn_about_foreign_transaction(database: str, task: Any) -> None:
    """Say so when the caller is in a transaction of another database, for which the job does not wait."""
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
