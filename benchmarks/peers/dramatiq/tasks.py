import dramatiq

from benchmarks.mark import mark


@dramatiq.actor
def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    noop.send(job)
