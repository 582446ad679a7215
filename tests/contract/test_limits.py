"""A queue's limit keeps slots free for the other queues."""

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def test_a_queue_at_its_limit_leaves_the_other_slots_to_the_others(finished):
    busy = [tasks.wait_at_gate.using(queue_name="send-invite").enqueue("busy") for _ in range(5)]
    with running_worker("send-invite:2", "thumbnailer", concurrency=4):
        wait_until(lambda: tasks.seen.count("busy") == 2, "the limit is reached")
        for number in range(10):
            finished(tasks.note.using(queue_name="thumbnailer").enqueue(number))
        assert tasks.seen.count("busy") == 2
        assert Job.objects.filter(queue="send-invite", state=JobState.RUNNING).count() == 2
        tasks.gate.set()
        for result in busy:
            finished(result)


def test_what_waits_behind_a_limit_is_taken_as_soon_as_there_is_room(finished, options):
    options(POLL_INTERVAL=60)
    with running_worker("send-invite:1", "thumbnailer", concurrency=4):
        jobs = [tasks.note.using(queue_name="send-invite").enqueue(number) for number in range(20)]
        for result in jobs:
            finished(result)
    assert sorted(tasks.seen) == list(range(20))
