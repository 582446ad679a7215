"""docs/recipes/plain-consumer.md, done: what a consumer on a channel does, and what it does not promise."""

import signal
from contextlib import contextmanager

import pytest

from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["plain-consumer"]
MANY = 120
CAPACITY = 100
POISON = """
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
async_to_sync(get_channel_layer().send)("page-views", {"type": "page.viewed"})
"""
ENQUEUE = """
from tests.tasks import echo
for number in range({count}):
    echo.enqueue(number, name={name!r})
"""


@contextmanager
def worker(site):
    """For the durable queue and the channel, in one process."""
    process = site.launch("python manage.py runworker default page-views")
    yield process
    process.signal_group(signal.SIGTERM)
    assert process.wait() == 0, process.said()


def views(site, name):
    rows = site.rows(f"SELECT views FROM views_counted_page WHERE path = '/articles/{name}/'")  # noqa: S608
    return rows[0][0] if rows else 0


def done(site, name):
    [(count,)] = site.rows(
        f"SELECT count(*) FROM workers_job WHERE state = 'SUCCESSFUL' AND kwargs LIKE '%{name}%'"  # noqa: S608
    )
    return count


def read(visitor, name, times=1):
    for _ in range(times):
        assert visitor.get(f"/articles/{name}/").status == 200


@pytest.fixture
def visitor(web):
    return web.sign_in("ada")


def test_a_worker_serves_the_channel_and_the_queue_together(web, visitor):
    with worker(web) as process:
        read(visitor, "first", times=3)
        web.shell(ENQUEUE.format(count=2, name="together"))
        wait_until(lambda: views(web, "first") == 3, lambda: f"three views to be counted\n{process.said()}", 30)
        wait_until(lambda: done(web, "together") == 2, lambda: f"two jobs to be done\n{process.said()}", 30)


def test_while_nobody_listens_a_hundred_messages_are_kept_and_every_job(web, visitor, redis_server):
    redis_server.call("FLUSHALL")
    web.shell(ENQUEUE.format(count=MANY, name="every-job"))
    # Last, because messages are kept for a minute only.
    read(visitor, "popular", times=MANY)
    with worker(web) as process:
        wait_until(lambda: done(web, "every-job") == MANY, lambda: f"every job to be done\n{process.said()}", 30)
        # The one that comes after all those that were kept.
        read(visitor, "the-last")
        wait_until(lambda: views(web, "the-last") == 1, lambda: f"the last view to be counted\n{process.said()}", 30)
    assert views(web, "popular") == CAPACITY


def test_an_exception_is_logged_and_later_messages_are_heard(web, visitor):
    with worker(web) as process:
        web.shell(POISON)
        wait_until(lambda: "The consumer on page-views failed" in process.said(), process.said, 30)
        assert "KeyError: 'path'" in process.said()
        read(visitor, "afterwards")
        wait_until(lambda: views(web, "afterwards") == 1, lambda: f"the view to be counted\n{process.said()}", 30)


def test_a_page_does_not_fail_with_redis(site, visitor, redis_server):
    redis_server.halt()
    try:
        read(visitor, "calm")
    finally:
        redis_server.start()
    assert any("is not counted" in process.said() for process in site.processes)
