"""What people do to jobs and queues, from the admin or from code: the change, and its news after the commit."""

from collections.abc import Iterable
from uuid import UUID

from django.db import router, transaction

from workers import compat, events, registry, tallies
from workers.after_commit import after_commit
from workers.backends import channels_backends
from workers.bulk import enqueue_many
from workers.lifecycle import claiming, ending, pausing
from workers.message import CHANNEL_NAME
from workers.models import Job, JobState, QueuePause
from workers.models.job import FINISHED
from workers.notifier import notifier
from workers.publishing import publish_ended
from workers.task import Task


def retry(ids: Iterable[UUID | str]) -> list[Job]:
    """Run failed, discarded, cancelled or scheduled jobs now; returns those that were such."""
    database = router.db_for_write(Job)
    with transaction.atomic(using=database):
        jobs = ending.run_again(database, ids)
        for job in {job.queue: job for job in jobs}.values():
            after_commit(database, notifier.notify, job.queue, job.id)
        after_commit(database, _tell, jobs, JobState.READY)
    return jobs


def discard(ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Give up waiting or failed jobs; returns those that were such."""
    database = router.db_for_write(Job)
    with transaction.atomic(using=database):
        jobs = ending.discard(database, ids, by)
        after_commit(database, publish_ended, jobs)
        after_commit(database, tallies.write_ended, database, jobs)
    return jobs


def cancel(ids: Iterable[UUID | str], by: str) -> list[Job]:
    """Call off jobs: those that wait end at once, those that run are asked to stop (``context.cancelled``); returns
    both. A running job is told within a heartbeat, on whichever machine it runs, and has no further attempt."""
    database, ids = router.db_for_write(Job), list(ids)
    with transaction.atomic(using=database):
        jobs = ending.cancel(database, ids, by)
        after_commit(database, publish_ended, jobs)
        after_commit(database, tallies.write_ended, database, jobs)
        asked = ending.request_cancel(database, ids, by)
        after_commit(database, _tell, asked, JobState.RUNNING)
        return jobs + asked


def repeat(ids: Iterable[UUID | str]) -> dict[UUID, UUID]:
    """For each of these jobs that has ended a new one, due now, of the same task, arguments, queue, priority and owner.
    Old id → new id.

    All of them or none. Raises UnknownTask when the task cannot be imported here, InvalidTask when its queue or its
    backend is no longer in the settings, ValueError when the arguments are now larger than MAX_BYTES allows.
    """
    database = router.db_for_write(Job)
    ended = Job.objects.using(database).filter(id__in=list(ids), state__in=FINISHED).order_by("id")
    alike: dict[tuple[str, int, str, str, str], list[Job]] = {}
    for job in ended:
        alike.setdefault((job.task, job.priority, job.queue, job.backend, job.owner), []).append(job)
    again: dict[UUID, UUID] = {}
    with transaction.atomic(using=database):
        for asked, jobs in alike.items():
            new = enqueue_many(task_to_repeat(*asked), [(job.args, job.kwargs) for job in jobs])
            again |= {job.id: UUID(new_id) for job, new_id in zip(jobs, new, strict=True)}
    return again


def task_to_repeat(path: str, priority: int, queue: str, backend: str, owner: str) -> compat.Task:
    """The task as a job asked for it. Raises UnknownTask, or InvalidTask when the settings no longer allow it."""
    if backend not in {each.alias for each in channels_backends()}:
        raise compat.InvalidTask(f"TASKS has no backend {backend!r} of the workers any more.")
    task = registry.find_as_enqueued(path, priority, queue, backend)
    return task.using(owner=owner) if isinstance(task, Task) else task


def pause(queue: str, by: str = "", backend: str = compat.DEFAULT_TASK_BACKEND_ALIAS) -> QueuePause | None:
    """No worker begins a job of this queue any more, within a second of the commit; what runs is finished.

    None: it was paused before. Raises ValueError for a queue that the settings do not name.
    """
    check_queue(queue, backend)
    return pausing.pause(router.db_for_write(QueuePause), backend, queue, by)


def resume(queue: str, backend: str = compat.DEFAULT_TASK_BACKEND_ALIAS) -> QueuePause | None:
    """Workers take jobs of this queue again, at once. Returns the pause that this ended; None: it was not paused.

    Raises ValueError for a queue that is neither paused nor named in the settings.
    """
    database = router.db_for_write(QueuePause)
    with transaction.atomic(using=database):
        ended = pausing.resume(database, backend, queue)
        if ended is None:
            check_queue(queue, backend)
        else:
            after_commit(database, _wake, database, backend, queue)
    return ended


def check_queue(queue: str, backend: str) -> None:
    """Raises ValueError, with the names that there are, for a queue that no worker of this backend can serve."""
    aliases = {each.alias: each for each in channels_backends()}
    if backend not in aliases:
        known = ", ".join(aliases) or "none"
        raise ValueError(f"TASKS has no backend {backend!r} of the workers; backends of theirs: {known}.")
    queues = aliases[backend].queue_names
    if queues and queue not in queues:
        raise ValueError(f"{queue!r} is no queue of TASKS[{backend!r}]; its queues: {', '.join(queues)}.")
    if not CHANNEL_NAME.fullmatch(queue):
        raise ValueError(f"{queue!r} cannot be a queue: letters, digits, hyphens, underscores and periods, up to 99.")


def _tell(jobs: Iterable[Job], state: JobState) -> None:
    for job in jobs:
        events.tell(job, state)


def _wake(database: str, backend: str, queue: str) -> None:
    # After the commit: what was enqueued before it woke workers that found the queue paused.
    if job_id := claiming.first_ready(database, backend, queue):
        notifier.notify(queue, job_id)
