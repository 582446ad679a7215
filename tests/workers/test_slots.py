"""What a slot refuses to run."""

import queue
import time

import pytest

from tests import tasks
from tests.waiting import wait_until
from workers.begun import Begun
from workers.conf import Options
from workers.inbox import Claimed
from workers.models import Job, JobState
from workers.slots import Slots

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_claimed_so_long_ago_that_it_may_run_elsewhere_goes_back_unstarted():
    todo, done = queue.SimpleQueue(), queue.SimpleQueue()
    options = Options()
    slots = Slots(1, options, todo, done.put, lambda job: None, Begun(1))
    now = time.monotonic()
    stale, fresh = (Job(task="tests.tasks.note", args=[word], state=JobState.RUNNING) for word in ("stale", "fresh"))
    # The process was stopped for as long as others wait before they declare it dead.
    todo.put(Claimed(stale, now - options.heartbeat_bound))
    todo.put(Claimed(fresh, now))
    tasks.seen.clear()
    slots.start()
    try:
        wait_until(lambda: done.qsize() == 2, "both come back")
    finally:
        slots.close()
    first, second = done.get(), done.get()
    assert (first.job, first.state, first.has_run) == (stale, JobState.READY, False)
    assert (second.job, second.state, second.has_run) == (fresh, JobState.SUCCESSFUL, True)
    assert tasks.seen == ["fresh"]
