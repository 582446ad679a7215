"""The database that keeps the jobs."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connections, router

from workers.models import Job

SQLITE_TIMEOUT = 20


@register
def check_database(**kwargs: Any) -> list[CheckMessage]:
    alias = router.db_for_write(Job)
    connection = connections[alias]
    match connection.vendor:
        case "sqlite":
            return _sqlite(f"DATABASES[{alias!r}]", connection.settings_dict)
        case "postgresql":
            return _postgresql(f"DATABASES[{alias!r}]", connection.settings_dict)
    return [
        Error(
            f"Jobs would be kept in DATABASES[{alias!r}], and the workers do not know {connection.vendor}.",
            hint="Use PostgreSQL or SQLite there, or route the app `workers` to such a database (DATABASE_ROUTERS).",
            id="workers.E002",
        )
    ]


@register
def check_time_zone_support(**kwargs: Any) -> list[CheckMessage]:
    if settings.USE_TZ:
        return []
    return [
        Error(
            "USE_TZ is off, and without time zones the times of jobs are ambiguous.",
            hint="Set USE_TZ = True.",
            id="workers.E003",
        )
    ]


def _sqlite(name: str, database: dict[str, Any]) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    options = database["OPTIONS"]
    if str(options.get("transaction_mode")).upper() != "IMMEDIATE":
        found.append(
            Error(
                f"{name}: SQLite's transactions are not IMMEDIATE, so that web and worker fail with "
                "'database is locked' instead of waiting for each other.",
                hint='Set "OPTIONS": {"transaction_mode": "IMMEDIATE", …}.',
                id="workers.E004",
            )
        )
    if options.get("timeout", 5) < SQLITE_TIMEOUT:
        found.append(
            Warning(
                f"{name}: SQLite waits only {options.get('timeout', 5):g} s for its turn to write.",
                hint=f'Set "OPTIONS": {{"timeout": {SQLITE_TIMEOUT}, …}}.',
                id="workers.W001",
            )
        )
    if "journal_mode=wal" not in str(options.get("init_command")).replace(" ", "").lower():
        found.append(
            Warning(
                f"{name}: SQLite is not told to keep a write-ahead log, without which readers and writers wait "
                "for each other.",
                hint='Set "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;", …}.',
                id="workers.W002",
            )
        )
    return found


def _postgresql(name: str, database: dict[str, Any]) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if database["CONN_MAX_AGE"] != 0:
        found.append(
            Warning(
                f"{name}: CONN_MAX_AGE is {database['CONN_MAX_AGE']}. Under ASGI each request may be a new thread, "
                "so connections that are kept pile up.",
                hint='Set "CONN_MAX_AGE": 0 and use the pool: "OPTIONS": {"pool": {"max_size": 4}}.',
                id="workers.W003",
            )
        )
    if not database["OPTIONS"].get("pool"):
        found.append(
            Warning(
                f"{name}: without a pool every request and every slot of a worker opens connections of its own.",
                hint='Set "OPTIONS": {"pool": {"max_size": 4}}; needs psycopg[pool].',
                id="workers.W004",
            )
        )
    return found
