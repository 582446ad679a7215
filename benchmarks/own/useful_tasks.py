"""What the producer enqueues when jobs are to be useful."""

from collections.abc import Sequence

from benchmarks.peers.workers.tasks import enqueue_all, read_and_write


def enqueue(job: int) -> None:
    read_and_write.enqueue(job)


def enqueue_bulk(jobs: Sequence[int]) -> None:
    enqueue_all(read_and_write, jobs)
