"""How a worker bears a service that does not answer: one log line, growing pauses, one line when it is over."""

import logging
import random

from django.db import ProgrammingError

from workers.backoff import ceiling
from workers.lifecycle.wire import is_lock_timeout, sqlstate_of

logger = logging.getLogger("workers")

LONGEST_PAUSE = 5.0


NEVER_YET = " Is it running, and are its address and name right in the settings?"
AGAIN = " Trying again, at least every %g s; jobs are safe where they are."
NO_ANSWER = "%s does not answer: %s.{cure}" + AGAIN
NOT_MIGRATED = "%s lacks tables or columns of this release: %s. Run: python manage.py migrate." + AGAIN
CONFLICT = "%s broke off a transaction for the sake of another: %s." + AGAIN


class Outage:
    """Counts failures in a row of one service, named ``what`` in the log; pauses ``longest`` seconds at most."""

    def __init__(self, what: str, longest: float = LONGEST_PAUSE) -> None:
        self._what = what
        self._longest = longest
        self._failures = 0
        self._cure = NEVER_YET

    def failed(self, error: BaseException) -> float:
        """Note a failure; the seconds to wait before the next try (half to all of a ceiling that doubles)."""
        self._failures += 1
        if self._failures == 1:
            logger.warning(self._text(error), self._what, on_one_line(error), self._longest)
        return ceiling(self._failures, 0.1, 2, self._longest) * random.uniform(0.5, 1)

    def _text(self, error: BaseException) -> str:
        if lacks_tables(error):
            return NOT_MIGRATED
        return CONFLICT if is_conflict(error) else NO_ANSWER.format(cure=self._cure)

    @property
    def lasts(self) -> bool:
        """A failure was noted, and no success since."""
        return self._failures > 0

    def over(self) -> None:
        """Note a success."""
        self._cure = ""
        if self._failures:
            logger.warning("%s answers again.", self._what)
            self._failures = 0


def lacks_tables(error: BaseException) -> bool:
    """Does the database answer, but without the tables or columns that this release has?"""
    return isinstance(error, ProgrammingError) or str(error).startswith(("no such table", "no such column"))


def is_conflict(error: BaseException) -> bool:
    """Does the database answer, but with a deadlock, a serialization failure, or a lock that it waited for in vain?"""
    return is_lock_timeout(error) or sqlstate_of(error).startswith("40")


def on_one_line(error: BaseException) -> str:
    """What it says, for a log whose lines stand alone; its name when it says nothing."""
    return " ".join(str(error).split()).rstrip(".?!") or type(error).__name__
