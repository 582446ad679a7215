"""Runs with Django loaded: makes of jobs laid in what a table looks like after weeks of work."""

import django

# Seldom ones among many, and the seldomest where the newest are not.
STATEMENTS = [
    "UPDATE workers_job SET state = 'FAILED' WHERE state = 'SUCCESSFUL' AND mod(hashtext(id::text), 100) = 0",
    "UPDATE workers_job SET state = 'DISCARDED' WHERE id IN (SELECT id FROM workers_job ORDER BY id LIMIT 5)",
    """INSERT INTO workers_attempt (job_id, kind, worker_id, started_at, exception_class_path, message, traceback)
       SELECT id, 'FAILED', 'gone', started_at, 'builtins.ValueError', 'no such thing', repeat('x', 2000)
       FROM workers_job WHERE state = 'FAILED'""",
    """INSERT INTO workers_workerprocess (id, backend, hostname, pid, queues, concurrency, beat, stopping)
       SELECT 'host-' || number, 'default', 'host', number, '["default", "second"]', 8, 1, false
       FROM generate_series(1, 1000) AS number""",
    """UPDATE workers_job
       SET state = 'RUNNING', worker_id = 'host-' || number, last_attempted_at = statement_timestamp()
       FROM (SELECT id, 1 + mod(row_number() OVER (), 100) AS number FROM workers_job
             WHERE state = 'READY' ORDER BY id LIMIT 200) AS taken
       WHERE workers_job.id = taken.id""",
    """INSERT INTO workers_tally (backend, queue, minute, measure, count)
       SELECT 'default', queue, date_trunc('minute', statement_timestamp()) - minute * interval '1 minute', measure, 10
       FROM unnest(ARRAY['default', 'second', 'third', 'fourth', 'fifth']) AS queue,
            generate_series(0, 2879) AS minute, unnest(%(measures)s::text[]) AS measure""",
    "VACUUM ANALYZE",
]


def main() -> None:
    django.setup()
    from django.db import connection

    from workers.measures import RUN, WAIT

    # As many as a busy minute has: its outcomes, and a few buckets of each histogram.
    measures = ["successful", "failed", "retried"]
    measures += [measure for each in (WAIT, RUN) for measure in (*each.buckets[2:10], each.sum)]
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {"measures": measures} if "%(" in statement else None)


if __name__ == "__main__":
    main()
