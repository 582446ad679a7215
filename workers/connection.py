"""Database connections of the worker's own threads."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from workers.lifecycle.wire import BOUNDS, UNSYNCED

logger = logging.getLogger("workers.connection")


def own_connection(database: str) -> None:
    """Give this thread a connection outside the pool, READ COMMITTED whatever the settings say, with timeouts.

    The ledger must not queue for a connection behind the user's code that it supervises.
    """
    connection: Any = connections.create_connection(database)
    if connection.vendor == "postgresql":
        options = {
            name: value
            for name, value in connection.settings_dict["OPTIONS"].items()
            if name not in {"pool", "isolation_level", "assume_role"}
        }
        keepalives = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
        options = {"connect_timeout": 5, **keepalives, **options}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": None}
    connections[database] = connection


@contextmanager
def bounded_transaction(database: str, *, durable: bool = True) -> Iterator[None]:
    """A transaction that cannot wait for ever. ``durable=False`` may be forgotten by a crash of the database."""
    connection = connections[database]
    with transaction.atomic(using=database):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(BOUNDS if durable else BOUNDS + UNSYNCED)
        yield


def tidy_up() -> None:
    """After user code: nothing stays open in a transaction, and every connection goes back to the pool."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block or not connection.get_autocommit():
            logger.warning("A task left a transaction open on %r; it is rolled back.", connection.alias)
            connection.in_atomic_block = False
            connection.savepoint_ids.clear()
        connection.close()
