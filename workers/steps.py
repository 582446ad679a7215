"""Minutes taken together in the database: a day's rows are too many to be added up here."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Func, IntegerField
from django.db.models.sql.compiler import SQLCompiler

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def start_of_step(time: datetime, width: timedelta) -> datetime:
    """The beginning of the step that ``time`` lies in, counted from 1970."""
    return time - (time - EPOCH) % width


class StepsSince(Func):
    """How many whole steps of ``width`` lie between ``first`` and a column's time, which is not before it."""

    arity = 1
    output_field = IntegerField()
    template = "FLOOR((EXTRACT(EPOCH FROM %(expressions)s) - %(first)s) / %(seconds)s)::int"

    def __init__(self, column: str, first: datetime, width: timedelta) -> None:
        super().__init__(column, first=int(first.timestamp()), seconds=int(width.total_seconds()))

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        whole = "(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) - %(first)s) / %(seconds)s"
        return self.as_sql(compiler, connection, template=whole, **context)
