from benchmarks.mark import mark
from benchmarks.peers.celery.app import app


@app.task
def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    noop.delay(job)
