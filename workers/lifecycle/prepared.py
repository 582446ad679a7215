"""Statements that PostgreSQL parses and plans once for each connection: that takes it longer than to claim one job."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError
from django.db import connections

from workers.lifecycle.wire import BOUNDS, carry_out, fetch_alone, sqlstate_of

# A plan that is kept must be right for a table of any size: the best one for an empty table reads the whole of it.
STEADY = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
NO_SUCH_STATEMENT, ALREADY_THERE = "26000", "42P05"
"""What a server says to whom a pooler shows in the middle of another's session."""


class Prepared:
    """What a connection has prepared: SQL → name. Nothing at all, behind a pooler that gives each transaction another
    connection to the server."""

    def __init__(self, database: str) -> None:
        # Not the connection itself, by which this is kept: it would never be let go.
        self._database = database
        self._names: dict[str, str] = {}
        # Under the number by which a query is cancelled a pooler gives its own.
        [server] = fetch_alone(database, "SELECT to_jsonb(pg_backend_pid())", [])
        self.kept = server == connections[database].connection.pgconn.backend_pid

    def name_of(self, what: str, sql: str, places: int) -> str:
        if sql not in self._names:
            # By what it says: under one name no other session can have anything else.
            name = f"workers_{what}_{sha256(sql.encode()).hexdigest()[:16]}"
            carry_out(connections[self._database], f"{BOUNDS}; PREPARE {name} AS {numbered(sql, places)}".encode())
            self._names[sql] = name
        return self._names[sql]


def numbered(sql: str, places: int) -> str:
    """As the server takes it: ``$1`` and so on for each ``%s``."""
    return sql % tuple(f"${place}" for place in range(1, places + 1))


_of_connection: WeakKeyDictionary[Any, Prepared] = WeakKeyDictionary()


def fetch_prepared(database: str, what: str, sql: str, values: Sequence[Any]) -> list[Any]:
    """As ``fetch_alone`` does it, for one of a few statements that come again and again and can go by an index.

    ``what`` it does is what ``pg_stat_activity`` shows of it.
    """
    connection = connections[database]
    connection.ensure_connection()
    prepared = _of_connection.get(connection.connection)
    if prepared is None:
        prepared = _of_connection[connection.connection] = Prepared(database)
    if not prepared.kept:
        return fetch_alone(database, sql, values)
    try:
        name = prepared.name_of(what, sql, len(values))
        return fetch_alone(database, f"{STEADY}; EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)
    except DatabaseError as error:
        if sqlstate_of(error) not in (NO_SUCH_STATEMENT, ALREADY_THERE):
            raise
        # Nothing was done, and it would be so again.
        prepared.kept = False
        return fetch_alone(database, sql, values)
