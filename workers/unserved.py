"""Nobody listens: due jobs on queues that no live worker serves."""

from collections import Counter
from collections.abc import Iterator

from django.db.models.functions import Now

from workers import compat
from workers.models import Job, JobState
from workers.presence import served_queues

CAP = 1000
"""Counted no further: beyond it the answer is the same, and counting a million rows takes long."""


def unserved(database: str, backend: str, bound: float) -> dict[str, int]:
    """Queue -> how many due jobs wait there for a worker that is not there, at most CAP.

    ``bound``: seconds of silence after which a worker is not there, as OPTIONS says.
    """
    served = served_queues(database, backend, bound)
    due: Counter[str] = Counter()
    for queue in waiting_queues(database, backend):
        if queue not in served:
            ready = Job.objects.using(database).filter(backend=backend, state=JobState.READY, queue=queue)
            # In the order of the claim's index: a LIMIT without order is for PostgreSQL a reason to read the table.
            due[queue] += ready.order_by("-priority", "run_after", "id").values("id")[:CAP].count()
    # Without any worker nobody makes them READY.
    overdue = Job.objects.using(database).filter(backend=backend, state=JobState.SCHEDULED, run_after__lte=Now())
    due.update(queue for queue in overdue.order_by("run_after").values_list("queue", flat=True)[:CAP])
    return {queue: min(count, CAP) for queue, count in sorted(due.items()) if queue not in served}


def complaint(backend: str, queue: str, count: int) -> str:
    """The sentence for people, with the cure."""
    jobs = "1 due job" if count == 1 else f"{count:,}{' or more' if count >= CAP else ''} due jobs"
    alias = "" if backend == compat.DEFAULT_TASK_BACKEND_ALIAS else f" --backend {backend}"
    return f"{jobs} on `{queue}`; no live worker serves it; start: python manage.py runworker {queue}{alias}"


def waiting_queues(database: str, backend: str) -> Iterator[str]:
    """Those with READY jobs, by name."""
    # From one name to the next along the claim's index: DISTINCT would read every READY row.
    ready = Job.objects.using(database).filter(backend=backend, state=JobState.READY).order_by("queue")
    names = ready.values_list("queue", flat=True)
    queue = names.first()
    while queue is not None:
        yield queue
        queue = names.filter(queue__gt=queue).first()
