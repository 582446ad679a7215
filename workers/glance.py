"""What an idle worker asks of the database, every few seconds: "I am alive; what is there to do?", in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from workers import liveness
from workers.inbox import Requests
from workers.lifecycle import claiming, ending
from workers.lifecycle.wire import fetch_alone

# Committed without waiting for the disk: after a crash of the database nobody is judged by a beat that was forgotten.
GLANCE = """
WITH alive AS (
    UPDATE workers_workerprocess SET beat = beat + 1, beat_at = statement_timestamp(), stopping = %(stopping)s
    WHERE id = %(worker)s
    RETURNING id
), served AS MATERIALIZED (
    SELECT queue FROM unnest(%(queues)s::text[]) AS queue
    WHERE queue <> ALL (ARRAY(SELECT pause.queue::text FROM workers_queuepause AS pause WHERE backend = %(backend)s))
)
SELECT jsonb_build_array(EXISTS (SELECT FROM alive),
    (SELECT COALESCE(jsonb_object_agg(id, beat), '{}') FROM workers_workerprocess WHERE backend = %(backend)s),
    (SELECT COALESCE(jsonb_agg(jsonb_build_array(id, claim_token, cancel_requested_by)), '[]') FROM workers_job
        WHERE worker_id = %(worker)s AND state = 'RUNNING' AND cancel_requested_by <> ''),
    (SELECT extract(epoch FROM run_after - statement_timestamp()) FROM workers_job
        WHERE backend = %(backend)s AND state = 'SCHEDULED' ORDER BY run_after LIMIT 1),
    EXISTS (SELECT FROM workers_job
        WHERE backend = %(backend)s AND state = 'READY' AND rescues > 0
            AND queue = ANY (ARRAY(SELECT queue FROM served))),
    ARRAY(SELECT queue FROM served WHERE EXISTS (
        SELECT FROM workers_job WHERE backend = %(backend)s AND workers_job.queue = served.queue AND state = 'READY')))
"""


@dataclass(frozen=True, slots=True)
class Glance:
    """``known``: this worker's row is there, so nobody has declared it dead."""

    known: bool
    beats: dict[str, int]
    """Every worker's counter, this one's before the beat or after it."""
    called_off: Requests
    seconds_to_next_due: float | None
    """0 or less: something is due; None: nothing is SCHEDULED."""
    rescued_job_waits: bool
    ready: frozenset[str]
    """Queues of this worker that have READY jobs and are not paused."""


def glance(database: str, backend: str, queues: Sequence[str], worker_id: str, *, stopping: bool) -> Glance:
    """Beat, and look around."""
    if connections[database].vendor != "postgresql":
        return Glance(
            known=liveness.beat(database, worker_id, stopping=stopping),
            beats=liveness.beats(database, backend),
            called_off=ending.cancel_requests(database, worker_id),
            seconds_to_next_due=claiming.seconds_until_next_due(database, backend),
            rescued_job_waits=claiming.rescued_job_waits(database, backend, queues),
            ready=claiming.queues_with_ready_jobs(database, backend, queues),
        )
    # As PostgreSQL writes an array; a queue's name has nothing in it that would need quotes.
    names = f"{{{','.join(queues)}}}"
    values = {"worker": worker_id, "stopping": stopping, "backend": backend, "queues": names}
    [(known, beats, called_off, left, rescued, ready)] = fetch_alone(database, GLANCE, values)
    requests = {(UUID(job_id), UUID(token) if token else None): by for job_id, token, by in called_off}
    return Glance(known, beats, requests, left, rescued, frozenset(ready))
