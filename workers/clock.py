"""The database's clock, the only one by which the times of jobs are compared."""

from datetime import UTC, datetime

from django.db import connections

# Not CURRENT_TIMESTAMP, which stands still inside a transaction.
NOW = {"postgresql": "SELECT statement_timestamp()", "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"}


def now(database: str) -> datetime:
    connection = connections[database]
    with connection.cursor() as cursor:
        # SQLite's format is no placeholder for parameters, of which there are none.
        cursor.execute(NOW[connection.vendor])
        (time,) = cursor.fetchone()
    return aware(time)


def aware(time: datetime | str) -> datetime:
    """What a raw statement returned: SQLite keeps times as text, in UTC."""
    return datetime.fromisoformat(time).replace(tzinfo=UTC) if isinstance(time, str) else time
