"""Ten thousand rows that differ in four columns."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, router

from invitations.models import Invitation

ROWS = 1000
"""In one statement at most."""
DIFFERING = {"id": "uuid", "email": "text", "key": "text", "job_id": "uuid"}
"""Column -> its type in PostgreSQL."""


class Row(NamedTuple):
    id: UUID
    email: str
    key: str
    job_id: UUID


def insert(rows: Sequence[Row], **common: Any) -> None:
    """``common`` is what all of them have. In the caller's transaction, for a failure may leave some of them."""
    connection = connections[router.db_for_write(Invitation)]
    if connection.vendor != "postgresql":
        Invitation.objects.bulk_create([Invitation(**row._asdict(), **common) for row in rows], batch_size=ROWS)
        return
    first, *others = rows
    Invitation.objects.create(**first._asdict(), **common)
    with connection.cursor() as cursor:
        for start in range(0, len(others), ROWS):
            columns = [list(column) for column in zip(*others[start : start + ROWS], strict=True)]
            cursor.execute(COPIES, [*columns, first.id])


def _copies() -> str:
    """The first is written as ever; the others are its copies. A value for each column of each row would take Django
    and the driver longer than everything else together."""
    table = Invitation._meta.db_table
    columns = [str(field.column) for field in Invitation._meta.concrete_fields]
    common = [name for name in columns if name not in DIFFERING]
    # Names out of the model, and no values.
    return (
        f"INSERT INTO {table} ({', '.join([*DIFFERING, *common])}) "  # noqa: S608
        f"SELECT {', '.join(f'other.{name}' for name in DIFFERING)}, {', '.join(f'first.{name}' for name in common)} "
        f"FROM unnest({', '.join(f'%s::{kind}[]' for kind in DIFFERING.values())}) AS other ({', '.join(DIFFERING)}), "
        f"{table} AS first WHERE first.id = %s"
    )


COPIES = _copies()
