"""Runs with Django loaded: what one enqueue costs beside a bare ``create()`` on the same connection. Prints JSON."""

import json
import sys
import time
from collections.abc import Callable
from statistics import median

import django

BLOCK = 100
WAYS = ("enqueue", "create_job", "create_page", "bulk")


def main(rounds: int) -> None:
    django.setup()
    from benchmarks.own.models import Page
    from benchmarks.peers.workers.tasks import enqueue_bulk, noop
    from workers.models import Job
    from workers.notifier import notifier

    ways: dict[str, Callable[[], object]] = {
        "enqueue": lambda: noop.enqueue(1),
        "create_job": lambda: Job.objects.create(task=noop.module_path, args=[1], kwargs={}),
        "create_page": lambda: Page.objects.create(title="a page"),
    }
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        # Interleaved, so that whatever else the machine does meets all of them.
        for name, once in ways.items():
            spent[name].append(timed(lambda once=once: [once() for _ in range(BLOCK)]) / BLOCK)
            notifier.flush()
        spent["bulk"].append(timed(lambda: enqueue_bulk(range(10 * BLOCK))) / (10 * BLOCK))
        notifier.flush()
    us = {name: median(values) * 1e6 for name, values in spent.items()}
    print(json.dumps({f"{name}_us": value for name, value in us.items()}))


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
