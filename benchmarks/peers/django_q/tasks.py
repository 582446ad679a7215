from django_q.tasks import async_task

from benchmarks.mark import mark


def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    async_task(noop, job)
