"""A formatter for LOGGING: one JSON object per line, for programs that read logs."""

import json
import logging
from datetime import UTC, datetime

from workers.current import FIELDS


class JsonLines(logging.Formatter):
    """``time`` (ISO, UTC), ``level``, ``logger``, ``message``; ``exception`` and ``stack`` where there are any; and
    ``job_id``, ``task``, ``queue`` and ``attempt`` where ``workers.current.JobFilter`` or ``extra=`` gave them.

    Everything else in ``extra`` is left out: libraries put requests and connections there. What is not ASCII is
    escaped, so that no terminal or log shipper can break a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        elif record.exc_text:
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, default=str)


def writes_json(logger: logging.Logger) -> bool:
    """Does a handler that this logger reaches write such lines?"""
    above: logging.Logger | None = logger
    while above is not None:
        if any(isinstance(handler.formatter, JsonLines) for handler in above.handlers):
            return True
        above = above.parent if above.propagate else None
    return False
