"""Nothing → READY or SCHEDULED."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connections

from workers import compat, payload
from workers.call import Call, initial_state
from workers.models import Job, JobState

BATCH = 1000
"""Jobs in one statement at most."""
MOST_TEXT = 4_000_000
"""Characters of JSON in one statement, about: far below what PostgreSQL takes, and kept in memory twice."""

# One statement whatever the number: a value for each column of each row would take Django and the driver ten times as
# long. Columns that are left out are NULL or have a default in the database.
INSERT = """
INSERT INTO workers_job (id, backend, queue, task, args, kwargs, priority, state, run_after, requested_run_after,
                         owner, trace, attempts, rescues, snoozes, interruptions, worker_id)
SELECT call.id, %s, %s, %s, call.args, call.kwargs, %s, %s, COALESCE(%s::timestamptz, statement_timestamp()), %s,
       %s, %s,
       0, 0, 0, 0, ''
FROM jsonb_to_recordset(%s::jsonb) AS call (id uuid, args jsonb, kwargs jsonb)
RETURNING enqueued_at
"""


def insert(database: str, task: compat.Task, calls: Sequence[Call], trace: str = "") -> datetime:
    """Write a job for each call, on the caller's connection and so in the caller's transaction; when that was.

    Without a run_after the jobs are READY and no clock is read. With one they are SCHEDULED, even when that moment has
    passed: a worker promotes them by the database's clock. ``trace`` is the traceparent of whoever enqueues.
    """
    state = initial_state(task)
    if connections[database].vendor == "postgresql":
        return _insert_documents(database, task, state, calls, trace)
    # Only what is given: the database's own clock fills in the rest.
    when = {} if task.run_after is None else {"run_after": task.run_after}
    jobs = [
        Job(
            id=call.id,
            backend=task.backend,
            queue=task.queue_name,
            task=task.module_path,
            args=call.args,
            kwargs=call.kwargs,
            priority=task.priority,
            state=state,
            requested_run_after=task.run_after,
            owner=owner_of(task),
            trace=trace,
            **when,
        )
        for call in calls
    ]
    return Job.objects.using(database).bulk_create(jobs, batch_size=BATCH)[0].enqueued_at


def owner_of(task: compat.Task) -> str:
    """Whose pages follow its jobs; a task of Django's own decorator has nobody."""
    return getattr(task, "owner", "")


def _insert_documents(database: str, task: compat.Task, state: JobState, calls: Sequence[Call], trace: str) -> datetime:
    common = [task.backend, task.queue_name, task.module_path, task.priority, state.value, *[task.run_after] * 2]
    common += [owner_of(task), trace]
    with connections[database].cursor() as cursor:
        for document in _documents(calls):
            cursor.execute(INSERT, [*common, document])
        return cursor.fetchone()[0]


def _documents(calls: Sequence[Call]) -> Iterator[str]:
    """The calls as JSON arrays, each for one statement."""
    rows: list[str] = []
    length = 0
    for call in calls:
        row = f'{{"id":"{call.id}","args":{payload.encode(call.args)},"kwargs":{payload.encode(call.kwargs)}}}'
        if len(rows) == BATCH or (rows and length + len(row) > MOST_TEXT):
            yield f"[{','.join(rows)}]"
            rows, length = [], 0
        rows.append(row)
        length += len(row)
    yield f"[{','.join(rows)}]"
