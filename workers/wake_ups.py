"""What a worker makes of the messages that wake it."""

import time

from workers.claims import Claims
from workers.inbox import Woken
from workers.interpreter import give_way
from workers.lookout import Lookout
from workers.notifier import notifier

MANY = 4
"""Wake-ups in a row that find nothing; the next ones tell of jobs that were taken long ago, most likely."""
LULL = 0.05
"""Seconds without one after which it is no row. Longer, and jobs that come a few times a second would be taken for one:
each is told of twice, and who hears it second finds nothing."""
BEGINNING = 0.0003
"""Seconds that a slot needs to begin a job."""
DRAINING = 0.005
"""Seconds for which such wake-ups are left unread; then one look answers them all."""


class WakeUps:
    """Used by the ledger alone: ``heard`` before a turn, ``answer`` after it."""

    def __init__(self, claims: Claims, lookout: Lookout) -> None:
        self._claims = claims
        self._lookout = lookout
        self._open: Woken | None = None
        self._look_twice = False
        self._in_vain = 0
        self._last_in_vain = 0.0

    def heard(self, woken: Woken) -> None:
        """There may be work on a queue."""
        if self._in_vain_lately() >= MANY:
            self._last_in_vain = time.monotonic()
            self._lookout.look_again(DRAINING)
        else:
            self._claims.expect()
            self._open = woken
            self._look_twice = not self._in_vain_lately()

    def answer(self, claimed: bool) -> None:
        """Pass the message on when there may be more than was taken; else be there when the next job falls due."""
        if claimed:
            self._in_vain = 0
        woken, self._open = self._open, None
        if woken is None:
            return
        may_be_more = self._claims.expects(woken.queue)
        if self._look_twice and not claimed and not may_be_more:
            # It came while the job was being written, whose commit may be over by now.
            self._look_twice, self._open = False, woken
            self._claims.expect()
            return
        if not claimed:
            self._count()
        if may_be_more:
            # There may be more than this worker can take: let another one look.
            notifier.notify(woken.queue, woken.job_id)
        else:
            # It may have been about a SCHEDULED job, which is not for now but moves the next look.
            if claimed:
                give_way(BEGINNING)
            self._lookout.plan()

    def _count(self) -> None:
        self._in_vain = self._in_vain_lately() + 1
        self._last_in_vain = time.monotonic()

    def _in_vain_lately(self) -> int:
        return self._in_vain if time.monotonic() < self._last_in_vain + LULL else 0
