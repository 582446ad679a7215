from huey.contrib.djhuey import task

from benchmarks.mark import mark


@task()
def noop(job: int) -> int:
    mark(job)
    return job


def enqueue(job: int) -> None:
    noop(job)
