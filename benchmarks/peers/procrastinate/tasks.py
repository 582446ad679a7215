from collections.abc import Sequence

from procrastinate.contrib.django import app

from benchmarks.mark import mark


@app.task
async def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    noop.defer(job=job)


def enqueue_bulk(jobs: Sequence[int]) -> None:
    noop.batch_defer(*({"job": job} for job in jobs))
