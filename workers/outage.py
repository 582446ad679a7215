"""How a worker bears a service that does not answer: one log line, growing pauses, one line when it is over."""

import logging
import random

from workers.backoff import ceiling

logger = logging.getLogger("workers")

LONGEST_PAUSE = 5.0


class Outage:
    """Counts failures in a row of one service, named ``what`` in the log."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._failures = 0

    def failed(self, error: BaseException) -> float:
        """Note a failure; the seconds to wait before the next try (half to all of a ceiling that doubles)."""
        self._failures += 1
        if self._failures == 1:
            text = "%s does not answer: %s. Trying again, at least every %g s; jobs are safe where they are."
            logger.warning(text, self._what, str(error) or type(error).__name__, LONGEST_PAUSE)
        return ceiling(self._failures, 0.1, 2, LONGEST_PAUSE) * random.uniform(0.5, 1)

    def over(self) -> None:
        """Note a success."""
        if self._failures:
            logger.warning("%s answers again.", self._what)
            self._failures = 0
