import django_rq

from benchmarks.mark import mark


def noop(job: int) -> None:
    mark(job)


def enqueue(job: int) -> None:
    django_rq.get_queue("default").enqueue(noop, job)
