"""The group commit: what finished is recorded and what fits is claimed, in one transaction."""

from collections.abc import Callable

from django.db import OperationalError

from workers.connection import bounded_transaction
from workers.lifecycle import recording
from workers.lifecycle.recording import Confirmed
from workers.lifecycle.wire import is_lock_timeout
from workers.models import Job
from workers.outbox import Outbox
from workers.outcome import Outcome


def commit(
    database: str, outbox: Outbox, batch: list[Outcome], claim: Callable[[], list[Job]]
) -> tuple[Confirmed, list[Job]]:
    """Record this batch of the outbox and claim. An outcome that the database refuses, or whose row somebody else has
    locked, holds up no other: it ends FAILED, or is set aside.
    """
    if not outbox.locks_are_known:
        try:
            with bounded_transaction(database, durable=bool(batch)):
                return recording.record(database, batch), claim()
        except OperationalError as error:
            if not is_lock_timeout(error):
                raise
        except recording.DATA_ERRORS:
            pass  # the next lines find out which
    with bounded_transaction(database):
        confirmed, locked = recording.record_unlocked(database, batch)
        claimed = claim()
    outbox.set_aside(batch, locked)
    return confirmed, claimed
