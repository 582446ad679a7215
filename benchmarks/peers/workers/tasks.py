from collections.abc import Sequence

from benchmarks.mark import mark
from benchmarks.own.models import Page
from workers import Task, enqueue_many, task


@task()
def noop(job: int) -> None:
    mark(job)


@task()
def read_and_write(job: int) -> None:
    """One SELECT and one UPDATE, as the shortest useful job has them."""
    page = Page.objects.get(pk=job % Page.KEPT)
    Page.objects.filter(pk=page.pk).update(views=page.views + 1)
    mark(job)


def enqueue(job: int) -> None:
    noop.enqueue(job)


def enqueue_bulk(jobs: Sequence[int]) -> None:
    enqueue_all(noop, jobs)


def enqueue_all(of: Task, jobs: Sequence[int]) -> None:
    enqueue_many(of, [((job,), {}) for job in jobs])
