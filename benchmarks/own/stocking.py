"""Runs with Django loaded: lays jobs in by the hundred thousand, ``stocking KIND COUNT FIRST``.

By one statement of PostgreSQL's own, because the million is the setting of a measurement and not what is measured.
"""

import json
import sys

import django

OWNER = "somebody"
KINDS = {
    "ready": {"state": "READY"},
    "owned": {"state": "READY", "owner": OWNER},
    "finished": {"state": "SUCCESSFUL", "attempts": 1, "started_at": "now", "finished_at": "now"},
    "future": {"state": "SCHEDULED", "run_after": "now + a year"},
    "spread": {"state": "READY", "queue": "five", "priority": "three"},
}
SQL = {
    "now": "statement_timestamp()",
    "now + a year": "statement_timestamp() + interval '1 year' + number * interval '1 second'",
    "five": "(ARRAY['default', 'second', 'third', 'fourth', 'fifth'])[mod(number, 5) + 1]",
    "three": "mod(number / 5, 3) * 10 - 10",
}
# Version 7, in order, and older than every id that is made today.
ID = "('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid"


def main(kind: str, count: int, first: int) -> None:
    django.setup()
    from django.db import connection

    from benchmarks.peers.workers.tasks import noop
    from workers.models import Job

    columns, values, parameters = ["id", "args"], [ID, "jsonb_build_array(number)"], []
    given = {"task": noop.module_path} | KINDS[kind]
    for field in Job._meta.concrete_fields:
        if field.column in columns or (field.column not in given and field.has_db_default()):
            continue
        columns.append(field.column)
        value = given.get(field.column, field.get_default())
        if isinstance(value, str) and value in SQL:
            values.append(SQL[value])
        else:
            values.append("%s")
            parameters.append(field.get_db_prep_save(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO workers_job ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608
            "FROM generate_series(%s, %s) AS number",
            [*parameters, first, first + count - 1],
        )
        cursor.execute("VACUUM ANALYZE workers_job")
    print(json.dumps({"stocked": count}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
