from django_tasks import task

from benchmarks.mark import mark


@task()
def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    noop.enqueue(job)
