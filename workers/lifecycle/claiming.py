"""SCHEDULED → READY → RUNNING."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from workers.models import Job, JobState

PROMOTE_LIMIT = 1000

# One statement for all queues: each takes from the claim index no more rows than it has room for. `queue = ANY(…)`
# would read and sort every due row instead. The CTE is materialized so that its LIMIT is applied once.
CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT due.id
    FROM (VALUES {wants}) AS want (queue, room)
    CROSS JOIN LATERAL (
        SELECT id FROM workers_job
        WHERE backend = %s AND queue = want.queue AND state = 'READY' AND {rescued}
        ORDER BY priority DESC, run_after, id
        LIMIT want.room
        FOR UPDATE SKIP LOCKED
    ) AS due
)
UPDATE workers_job AS job
SET state = 'RUNNING', worker_id = %s, claim_token = %s,
    started_at = COALESCE(job.started_at, statement_timestamp()), last_attempted_at = statement_timestamp()
FROM picked
WHERE job.id = picked.id
RETURNING job.*
"""


def claim(database: str, backend: str, rooms: Mapping[str, int], worker_id: str, *, rescued: bool = False) -> list[Job]:
    """Take up to ``rooms[queue]`` of the best due jobs of each queue, with a fresh token; best first.

    ``rescued`` chooses between ordinary jobs and those that already lost a worker, which must run alone.
    """
    rooms = {queue: room for queue, room in rooms.items() if room > 0}
    if not rooms:
        return []
    token = uuid4()
    if connections[database].vendor == "postgresql":
        jobs = _claim_skipping_locked(database, backend, rooms, worker_id, token, rescued)
    else:
        jobs = _claim_by_compare_and_set(database, backend, rooms, worker_id, token, rescued)
    return sorted(jobs, key=lambda job: (-job.priority, job.run_after, job.id))


def _claim_skipping_locked(
    database: str, backend: str, rooms: Mapping[str, int], worker_id: str, token: UUID, rescued: bool
) -> list[Job]:
    sql = CLAIM.format(wants=", ".join(["(%s, %s)"] * len(rooms)), rescued="rescues > 0" if rescued else "rescues = 0")
    wants = [part for want in rooms.items() for part in want]
    return list(Job.objects.using(database).raw(sql, [*wants, backend, worker_id, token]))


def _claim_by_compare_and_set(
    database: str, backend: str, rooms: Mapping[str, int], worker_id: str, token: UUID, rescued: bool
) -> list[Job]:
    waiting = Job.objects.using(database).filter(backend=backend, state=JobState.READY)
    waiting = waiting.filter(rescues__gt=0) if rescued else waiting.filter(rescues=0)
    taken = []
    with transaction.atomic(using=database):
        for queue, room in rooms.items():
            due = waiting.filter(queue=queue).order_by("-priority", "run_after", "id")
            for job_id in list(due.values_list("id", flat=True)[:room]):
                if waiting.filter(id=job_id).update(
                    state=JobState.RUNNING,
                    worker_id=worker_id,
                    claim_token=token,
                    started_at=Coalesce(F("started_at"), Now()),
                    last_attempted_at=Now(),
                ):
                    taken.append(job_id)
        return list(Job.objects.using(database).filter(id__in=taken))


def rescued_job_waits(database: str, backend: str, queues: Sequence[str]) -> bool:
    """Is there a due job that lost its worker before?"""
    return (
        Job.objects.using(database)
        .filter(backend=backend, state=JobState.READY, queue__in=queues, rescues__gt=0)
        .exists()
    )


def promote(database: str, backend: str, limit: int = PROMOTE_LIMIT) -> dict[str, UUID]:
    """Make due SCHEDULED jobs READY, oldest first; queue → the id of one of them."""
    with transaction.atomic(using=database):
        due = list(
            Job.objects.using(database)
            .select_for_update(skip_locked=True)
            .filter(backend=backend, state=JobState.SCHEDULED, run_after__lte=Now())
            .order_by("run_after")
            .values_list("id", "queue")[:limit]
        )
        ids = [job_id for job_id, _ in due]
        Job.objects.using(database).filter(id__in=ids, state=JobState.SCHEDULED).update(state=JobState.READY)
    return {queue: job_id for job_id, queue in due}


def seconds_until_next_due(database: str, backend: str) -> float | None:
    """Until the next SCHEDULED job falls due, by the database's clock; 0 or less: now; None: there is none."""
    scheduled = Job.objects.using(database).filter(backend=backend, state=JobState.SCHEDULED)
    row = scheduled.order_by("run_after").values_list("run_after", Now())[:1]
    for run_after, now in row:
        return (run_after - now) / timedelta(seconds=1)
    return None
