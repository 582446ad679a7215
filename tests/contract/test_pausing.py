"""A paused queue takes jobs in and gives none out; the other queues go on as if it were not there."""

import pytest
from django.db import router

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import enqueue_many, liveness, steering
from workers.assignment import Assignment
from workers.claims import Claims
from workers.conf import Options
from workers.glance import glance
from workers.lifecycle import claiming
from workers.models import Job, JobState, QueuePause
from workers.pace import Pace
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

OTHER = "send-invite"
QUEUES = ("default", OTHER)
DATABASE = "default"


def in_other_queue(task):
    return task.using(queue_name=OTHER)


def rescued(queue):
    return Job.objects.create(task="tests.tasks.note", args=["rescued"], queue=queue, rescues=1)


def test_its_jobs_wait_while_others_run_and_run_at_once_when_it_is_resumed(options, finished):
    options(POLL_INTERVAL=60, HEARTBEAT_INTERVAL=60, HEARTBEAT_BOUND=120)
    waits = [tasks.note.enqueue("waits"), tasks.note.enqueue("waits")]
    steering.pause("default", by="ann")
    with running_worker(*QUEUES):
        # Each round trip is time for the wake-ups of those that wait to come and be answered.
        for number in range(5):
            finished(in_other_queue(tasks.note).enqueue(number))
        for result in waits:
            result.refresh()
        assert {result.state for result in waits} == {JobState.READY}
        assert tasks.seen == [0, 1, 2, 3, 4]
        assert steering.resume("default")
        wait_until(lambda: len(tasks.seen) == 7, "all run, without any look of the worker's own")


def test_what_was_claimed_ahead_and_does_not_start_goes_back_and_stays(monkeypatch):
    # So that it is seen, however busy the machine.
    monkeypatch.setattr("workers.ledger.LONGEST_UNSTARTED", 2.5)
    enqueue_many(tasks.note, [((number,), {}) for number in range(200)])
    gate = tasks.wait_at_gate.enqueue("gate")
    enqueue_many(tasks.note, [((number,), {}) for number in range(200, 400)])
    running = Job.objects.filter(state=JobState.RUNNING)
    with running_worker(*QUEUES, concurrency=1):
        wait_until(lambda: "gate" in tasks.seen, "the only slot is busy")
        wait_until(lambda: running.count() > 1, "more is claimed than there are slots")
        steering.pause("default", by="ann")
        wait_until(lambda: [str(job.id) for job in running.all()] == [gate.id], "it goes back")
        before = len(tasks.seen)
        fence = in_other_queue(tasks.note).enqueue("fence")
        tasks.gate.set()
        wait_until(lambda: Job.objects.get(id=fence.id).is_finished, "the other queue goes on")
        assert tasks.seen[before:] == ["fence"]
        steering.resume("default")
        wait_until(lambda: not Job.objects.exclude(state=JobState.SUCCESSFUL).exists(), "the rest runs", 40)


def test_a_worker_does_not_look_again_and_again_for_what_it_may_not_take():
    tasks.note.enqueue("waits")
    steering.pause("default")
    claims = Claims(Assignment(DATABASE, "default", QUEUES, 4, Options()), Pace(4))
    assert claims.take(claims.appetite([], ()), "worker") == []
    assert not claims.appetite([], ())
    liveness.register(DATABASE, "worker", "default", list(QUEUES), 4)
    assert glance(DATABASE, "default", QUEUES, "worker", stopping=False).ready == frozenset()
    steering.resume("default")
    assert glance(DATABASE, "default", QUEUES, "worker", stopping=False).ready == {"default"}


def test_a_job_that_lost_its_worker_keeps_nobody_waiting_while_its_queue_is_paused(finished):
    lost = rescued("default")
    steering.pause("default")
    liveness.register(DATABASE, "looks", "default", list(QUEUES), 4)
    assert not glance(DATABASE, "default", QUEUES, "looks", stopping=False).rescued_job_waits
    assert not claiming.rescued_job_waits(DATABASE, "default", QUEUES)
    assert claiming.claim(DATABASE, "default", {"default": 1, OTHER: 1}, "looks", rescued=True) == []
    steering.resume("default")
    assert glance(DATABASE, "default", QUEUES, "looks", stopping=False).rescued_job_waits
    assert claiming.rescued_job_waits(DATABASE, "default", QUEUES)
    assert claiming.claim(DATABASE, "default", {"default": 1}, "looks", rescued=True) == [lost]


def test_its_jobs_are_no_reason_to_claim_ahead():
    enqueue_many(tasks.note, [((number,), {}) for number in range(5)])
    assert claiming.count_ready(DATABASE, "default", QUEUES, 10) == 5
    steering.pause("default")
    assert claiming.count_ready(DATABASE, "default", QUEUES, 10) == 0


def test_a_pause_is_of_one_queue_of_one_backend():
    tasks.note.enqueue("runs")
    QueuePause.objects.create(backend="another", queue="default")
    steering.pause(OTHER)
    in_other_queue(tasks.note).enqueue("waits")
    claimed = claiming.claim(DATABASE, "default", dict.fromkeys(QUEUES, 1), "worker")
    assert [job.args for job in claimed] == [["runs"]]


def test_what_is_scheduled_on_it_falls_due_and_waits():
    result = tasks.note.enqueue("waits")
    Job.objects.update(state=JobState.SCHEDULED)
    steering.pause("default")
    assert claiming.promote(DATABASE, "default")
    assert claiming.claim(DATABASE, "default", {"default": 1}, "worker") == []
    result.refresh()
    assert result.state == JobState.READY


def test_drain_leaves_its_jobs_and_runs_the_others():
    tasks.note.using(priority=5).enqueue("waits")
    in_other_queue(tasks.note).enqueue("runs")
    steering.pause("default")
    assert len(drain()) == 1
    assert tasks.seen == ["runs"]
    steering.resume("default")
    drain()
    assert tasks.seen == ["runs", "waits"]


def test_the_first_pause_holds_and_the_first_resume_ends_it():
    assert steering.pause("default", by="ann")
    assert steering.pause("default", by="bob") is None
    assert QueuePause.objects.get().paused_by == "ann"
    ended = steering.resume("default")
    assert ended is not None
    assert ended.paused_by == "ann"
    assert steering.resume("default") is None


@pytest.mark.parametrize("act", [steering.pause, steering.resume])
def test_a_queue_that_is_not_there_is_refused_with_those_that_are(act):
    with pytest.raises(ValueError, match=r"'thumbnialer' is no queue of TASKS\['default'\]; its queues: default, .*"):
        act("thumbnialer")
    with pytest.raises(ValueError, match=r"TASKS has no backend 'defualt' of the workers; .*: default"):
        act("default", backend="defualt")
    assert not QueuePause.objects.exists()


def test_where_any_queue_is_allowed_its_name_must_still_be_one(settings):
    settings.TASKS = {"default": {"BACKEND": "workers.backend.ChannelsBackend", "QUEUES": []}}
    assert steering.pause("anything")
    for name in ("", "a b", "x" * 100, "\x00"):
        with pytest.raises(ValueError, match="cannot be a queue"):
            steering.pause(name)


def test_a_queue_that_left_the_settings_can_still_be_resumed():
    QueuePause.objects.using(router.db_for_write(QueuePause)).create(backend="default", queue="gone")
    assert steering.resume("gone")
