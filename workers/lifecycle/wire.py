"""Statements of the worker's own connection on PostgreSQL, with as few round trips and as little parsing as can be."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections

# With LOCAL, and so inside each transaction: behind PgBouncer a plain SET would leak into other people's sessions.
BOUNDS = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s'"
UNSYNCED = "; SET LOCAL synchronous_commit = off"

LOCK_NOT_AVAILABLE = "55P03"


def is_lock_timeout(error: BaseException) -> bool:
    """Did the statement give up waiting for somebody else's lock?"""
    return sqlstate_of(error) == LOCK_NOT_AVAILABLE


def sqlstate_of(error: BaseException) -> str:
    """PostgreSQL's code for one of Django's database errors; "" when the server said nothing."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def fetch_binary(database: str, sql: str, values: Sequence[Any]) -> list[Any]:
    """Run ``sql`` in the transaction that is open on ``database`` and fetch all it returns, in the binary format: a
    third of the time that text takes for each row.

    Parameters are bound by the server, so each needs a type that shows or a cast. Raises Django's database errors.
    """
    # Not at the top: on SQLite there need be no psycopg.
    from psycopg import Cursor

    connection = connections[database]
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, values, binary=True)
        return cursor.fetchall()


def fetch_alone(database: str, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """Run ``sql`` as a transaction of its own in a single round trip, bounded in time; each of its rows is one JSON
    document, which is decoded.

    A crash of the database may forget it: PostgreSQL runs statements that come in one message as one transaction, and
    this one does not wait for the disk. Values are text, numbers, UUIDs and booleans, all of them quoted: cast where it
    does not show what they are. Past the driver's cursor, whose adapting takes an idle process longer than all the rest
    for a single row. Raises Django's database errors.
    """
    # Not at the top: on SQLite there need be no psycopg.
    from psycopg.pq import Escaping

    connection = connections[database]
    connection.ensure_connection()
    escape = Escaping(connection.connection.pgconn).escape_literal

    def literal(value: Any) -> bytes:
        return bytes(escape(str(value).encode()))

    template = f"{BOUNDS}{UNSYNCED}; {sql}".encode()
    if isinstance(values, Mapping):
        statement = template % {name.encode(): literal(value) for name, value in values.items()}
    else:
        statement = template % tuple(map(literal, values))
    result = carry_out(connection, statement)
    return [json.loads(result.get_value(row, 0)) for row in range(result.ntuples)]


def carry_out(connection: Any, statement: bytes) -> Any:
    """The driver's own result of a statement without parameters, on an open connection. Raises Django's database
    errors."""
    from psycopg import errors
    from psycopg.pq import ExecStatus

    with connection.wrap_database_errors:
        result = connection.connection.pgconn.exec_(statement)
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise errors.error_from_result(result)
        return result
