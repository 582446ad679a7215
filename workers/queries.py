"""Cancels the query that a thread is waiting for: an exception thrown into it would only arrive afterwards."""

import logging
import threading
from typing import Any

from django.db.backends.signals import connection_created

logger = logging.getLogger("workers.queries")

CANCEL_TIMEOUT = 2.0

_connections_of: dict[int, set[Any]] = {}


def watch_this_thread() -> None:
    """From now on remember the database connections that this thread opens."""
    _connections_of.setdefault(threading.get_ident(), set())


def opened_any() -> bool:
    """Whether this thread has opened a connection since the last time it asked."""
    known = _connections_of.get(threading.get_ident())
    if not known:
        return False
    known.clear()
    return True


def cancel(thread: int) -> None:
    """Cancel whatever queries that thread is in, within CANCEL_TIMEOUT seconds each."""
    for connection in tuple(_connections_of.get(thread, ())):
        raw = connection.connection
        if raw is None:
            continue
        try:
            if connection.vendor == "postgresql":
                raw.cancel_safe(timeout=CANCEL_TIMEOUT)
            elif connection.vendor == "sqlite":
                raw.interrupt()
        except Exception:
            logger.debug("A query could not be cancelled.", exc_info=True)


def _remember(connection: Any, **kwargs: Any) -> None:
    known = _connections_of.get(threading.get_ident())
    if known is not None:
        known.add(connection)


connection_created.connect(_remember, dispatch_uid="workers.queries")
