"""Messages between real workers: they poll so seldom here that nothing else can wake them in time."""

import shlex

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

NEVER = {"POLL_INTERVAL": 60, "HEARTBEAT_INTERVAL": 60, "HEARTBEAT_BOUND": 120}
ENQUEUE = """
from tests.processes import tasks
from workers import enqueue_many
enqueue_many(tasks.hold, [(({folder!r}, name), {{}}) for name in ("one", "other")])
"""


def test_a_worker_that_filled_its_room_passes_the_wake_up_on(crew, site):
    crew.start("--concurrency 1", processes=2, **NEVER)
    # One transaction, so one wake-up, which one of them hears.
    site.run(f"python manage.py shell -c {shlex.quote(ENQUEUE.format(folder=crew.folder))}")
    assert crew.wait_for_mark("one") != crew.wait_for_mark("other")
    crew.let_go()
