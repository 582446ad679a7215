"""Runs with Django loaded: opens the admin's pages one after the other, and tells the median time of each."""

import json
import statistics
import time
from collections.abc import Callable

import django

WARM, TIMES = 2, 11


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    from workers.admin import board
    from workers.models import Job, JobState

    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    jobs = reverse("admin:workers_job_changelist")
    newest = Job.objects.order_by("-id").values_list("id", flat=True)
    pages = {
        "board": reverse("admin:workers_board"),
        "jobs": jobs,
        "jobs, page 100": f"{jobs}?p=100" if newest[:10_000].count() > 5_000 else f"{jobs}?p=2",
        **{f"jobs, {state.lower()}": f"{jobs}?state__exact={state}" for state in JobState},
        "jobs of a queue": f"{jobs}?queue=third",
        "jobs of an empty queue": f"{jobs}?queue=nobody",
        "jobs of a task": f"{jobs}?q=benchmarks.peers.workers.tasks",
        "jobs of no task": f"{jobs}?q=nothing.like.this",
        "job by its id": f"{jobs}?q={newest[0]}",
        "a job": reverse("admin:workers_job_change", args=[newest[0]]),
        "workers": reverse("admin:workers_workerprocess_changelist"),
    }
    seconds = [0.0]
    board.board = board.Board(lambda: seconds[0])

    def a_minute_later() -> None:
        seconds[0] += 60

    cold = {
        "board, a server's first": timed(client, pages["board"], board.board.forget),
        "board, the day anew": timed(client, pages["board"], a_minute_later),
    }
    print(json.dumps(cold | {name: timed(client, url) for name, url in pages.items()}))


def timed(client, url: str, prepare: Callable[[], None] = lambda: None) -> float:
    taken = []
    for _ in range(WARM + TIMES):
        prepare()
        before = time.perf_counter()
        response = client.get(url)
        taken.append((time.perf_counter() - before) * 1000)
        assert response.status_code == 200, f"{url}: {response.status_code}"
    return statistics.median(taken[WARM:])


if __name__ == "__main__":
    main()
