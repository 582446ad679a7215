"""SCHEDULED → READY → RUNNING."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now

from workers.lifecycle.pausing import paused_queues
from workers.lifecycle.prepared import fetch_prepared
from workers.lifecycle.wire import fetch_binary
from workers.models import Job, JobState

PROMOTE_LIMIT = 1000

# One statement for all queues: each takes from the claim index no more rows than it has room for. `queue = ANY(…)`
# would read and sort every due row instead. The CTE is materialized so that its LIMIT is applied once. An array of ids,
# not a join: the planner takes an unknown LIMIT for a tenth of all due rows, and would read the whole table for them.
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
    WHERE want.queue <> ALL (ARRAY(SELECT pause.queue::text FROM workers_queuepause AS pause WHERE backend = %s))
)
UPDATE workers_job AS job
SET state = 'RUNNING', worker_id = %s, claim_token = %s::uuid,
    started_at = COALESCE(job.started_at, {now}), last_attempted_at = {now}
WHERE job.id = ANY (ARRAY(SELECT id FROM picked))
RETURNING {columns}
"""

# A statement sees what was committed after its own timestamp, while it waited for a lock or its plan was made.
STARTED_AT = "GREATEST(statement_timestamp(), job.enqueued_at)"

NEXT_DUE = """
SELECT to_jsonb(extract(epoch FROM run_after - statement_timestamp())) FROM workers_job
WHERE backend = %s AND state = 'SCHEDULED' ORDER BY run_after LIMIT 1
"""

FIELDS = [field.attname for field in Job._meta.concrete_fields]
COLUMNS = ", ".join(f'job."{field.column}"' for field in Job._meta.concrete_fields)
DOCUMENT = f"jsonb_build_array({COLUMNS})"
DECODERS: dict[str, Callable[[str], Any]] = {"DateTimeField": datetime.fromisoformat, "UUIDField": UUID}
DECODED = [
    (place, DECODERS[field.get_internal_type()])
    for place, field in enumerate(Job._meta.concrete_fields)
    if field.get_internal_type() in DECODERS
]


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
    alone = not connections[database].in_atomic_block
    sql = claim_statement(len(rooms), rescued=rescued, columns=DOCUMENT if alone else COLUMNS)
    values = [*(part for want in rooms.items() for part in want), backend, backend, worker_id, token]
    if alone:
        # It may be forgotten by a crash; the jobs are then as they were.
        rows = [_decoded(row) for row in fetch_prepared(database, "claim", sql, values)]
    else:
        rows = fetch_binary(database, sql, values)
    return [Job.from_db(database, FIELDS, row) for row in rows]


@cache
def claim_statement(queues: int, *, rescued: bool, columns: str = COLUMNS) -> str:
    """Takes a name and a room for each queue, the backend twice, the worker's id and the token."""
    wants = ", ".join(["(%s::text, %s::int)"] * queues)
    return CLAIM.format(
        wants=wants, rescued="rescues > 0" if rescued else "rescues = 0", now=STARTED_AT, columns=columns
    )


def _decoded(row: list[Any]) -> list[Any]:
    for place, decode in DECODED:
        if row[place] is not None:
            row[place] = decode(row[place])
    return row


def _claim_by_compare_and_set(
    database: str, backend: str, rooms: Mapping[str, int], worker_id: str, token: UUID, rescued: bool
) -> list[Job]:
    waiting = Job.objects.using(database).filter(backend=backend, state=JobState.READY)
    waiting = waiting.filter(rescues__gt=0) if rescued else waiting.filter(rescues=0)
    taken = []
    with transaction.atomic(using=database, savepoint=False):
        # Nobody can pause or resume a queue before this transaction ends.
        paused = set(paused_queues(database, backend))
        for queue, room in rooms.items():
            if queue in paused:
                continue
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
    """Is there a due job that lost its worker before, and may be claimed?"""
    return _claimable(database, backend).filter(queue__in=queues, rescues__gt=0).exists()


def queues_with_ready_jobs(database: str, backend: str, queues: Sequence[str]) -> frozenset[str]:
    """Which of these queues have due jobs, and are not paused?"""
    ready = _claimable(database, backend)
    return frozenset(queue for queue in queues if ready.filter(queue=queue).exists())


def count_ready(database: str, backend: str, queues: Sequence[str], most: int) -> int:
    """How many due jobs wait in those of these queues that are not paused; no more than ``most`` are counted."""
    ready, counted = _claimable(database, backend), 0
    for queue in queues:
        # In the order of the claim's index: a LIMIT without order is for PostgreSQL a reason to read the table.
        due = ready.filter(queue=queue).order_by("-priority", "run_after", "id").values("id")
        counted += due[: most - counted].count()
        if counted == most:
            break
    return counted


def first_ready(database: str, backend: str, queue: str) -> UUID | None:
    """The due job of this queue that is claimed next, whether it is paused or not."""
    ready = Job.objects.using(database).filter(backend=backend, queue=queue, state=JobState.READY)
    return ready.order_by("-priority", "run_after", "id").values_list("id", flat=True).first()


def _claimable(database: str, backend: str) -> "QuerySet[Job]":
    ready = Job.objects.using(database).filter(backend=backend, state=JobState.READY)
    return ready.exclude(queue__in=paused_queues(database, backend))


def promote(database: str, backend: str, limit: int = PROMOTE_LIMIT) -> dict[str, UUID]:
    """Make due SCHEDULED jobs READY, oldest first; queue → the id of one of them."""
    with transaction.atomic(using=database, savepoint=False):
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
    if connections[database].vendor == "postgresql" and not connections[database].in_atomic_block:
        return next(iter(fetch_prepared(database, "next_due", NEXT_DUE, [backend])), None)
    scheduled = Job.objects.using(database).filter(backend=backend, state=JobState.SCHEDULED)
    for run_after, now in scheduled.order_by("run_after").values_list("run_after", Now())[:1]:
        return (run_after - now) / timedelta(seconds=1)
    return None
