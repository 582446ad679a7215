"""Shifts the wall clock of one Python process, and of its children, by $CLOCK_SHIFT seconds. It comes in through
PYTHONPATH, before anything else could take hold of the clock. The monotonic clock goes on as it is."""

import datetime
import os
import time

SHIFT = int(os.environ.get("CLOCK_SHIFT", "0"))
_time, _time_ns = time.time, time.time_ns


class ShiftedDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "ShiftedDatetime":
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> "ShiftedDatetime":
        return cls.now(datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> "ShiftedDatetime":
        return cls.now()


time.time = lambda: _time() + SHIFT
time.time_ns = lambda: _time_ns() + SHIFT * 10**9
datetime.datetime = ShiftedDatetime  # type: ignore[misc]
