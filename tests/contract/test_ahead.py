"""Claiming ahead: short jobs are taken before a slot is free, long ones never, and nothing is hoarded."""

from contextlib import contextmanager

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import enqueue_many, liveness, steering
from workers.assignment import Assignment
from workers.claims import Claims
from workers.conf import Options
from workers.maintenance import Maintenance
from workers.models import Job, JobState
from workers.pace import Pace

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow_to_return(monkeypatch):
    """So that what is claimed ahead is seen, however busy the machine."""
    monkeypatch.setattr("workers.ledger.LONGEST_UNSTARTED", 2.5)


def ended():
    return Job.objects.filter(state=JobState.SUCCESSFUL).count()


def held():
    return Job.objects.filter(state=JobState.RUNNING).count()


def results_of(queue):
    return Job.objects.filter(queue=queue).values_list("return_value", flat=True)


def test_what_was_claimed_ahead_and_does_not_start_goes_back_unburnt_to_whoever_is_free(slow_to_return):
    enqueue_many(tasks.note, [((number,), {}) for number in range(200)])
    gate = tasks.wait_at_gate.enqueue("gate")
    enqueue_many(tasks.note, [((number,), {}) for number in range(200, 400)])
    with running_worker(concurrency=1):
        wait_until(lambda: "gate" in tasks.seen, "the only slot is busy")
        wait_until(lambda: held() > 1, "more is claimed than there are slots")
        wait_until(lambda: held() == 1, "it goes back")
        waiting = Job.objects.filter(state=JobState.READY)
        counted = set(waiting.values_list("attempts", "rescues", "interruptions", "snoozes"))
        assert counted == {(0, 0, 0, 0)}
        assert ended() == len(tasks.seen) - 1 < 400
        with running_worker(concurrency=1):
            wait_until(lambda: ended() == 400, "another worker does all of it")
        assert [str(job.id) for job in Job.objects.filter(state=JobState.RUNNING)] == [gate.id]
        tasks.gate.set()
        wait_until(lambda: ended() == 401, "the long one ends as well")
    assert sorted(value for value in tasks.seen if value != "gate") == list(range(400))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_long_jobs_are_never_claimed_ahead():
    enqueue_many(tasks.count_running, [(("default", 0.06), {})] * 40)
    with running_worker(concurrency=4):
        wait_until(lambda: ended() == 40, "all have run")
    assert max(results_of("default")) <= 4


def test_a_queue_with_a_limit_never_has_more_than_that():
    enqueue_many(tasks.count_running, [(("default",), {})] * 60)
    enqueue_many(tasks.count_running.using(queue_name="send-invite"), [(("send-invite",), {})] * 60)
    with running_worker("default:2", "send-invite", concurrency=4):
        wait_until(lambda: ended() == 120, "all have run")
    assert max(results_of("default")) <= 2


@pytest.mark.parametrize(
    ("neighbours", "ready", "taken"), [(0, 12, 12), (1, 3, 2), (1, 10, 5), (1, 25, 12), (2, 6, 2), (2, 30, 10)]
)
def test_nothing_is_claimed_ahead_but_what_is_there_for_every_neighbour_too(neighbours, ready, taken):
    at = Assignment("default", "default", ("default",), 2, Options())
    pace, maintenance = Pace(slots=2), Maintenance(at, lambda jobs: None)
    # Two slots do ten such jobs in the time for which may be claimed ahead.
    pace.ran("default", "tests.tasks.note", 0.02)
    maintenance.register()
    for number in range(neighbours):
        liveness.register("default", f"neighbour-{number}", "default", ["default"], 2)
    claims = Claims(at, pace)
    maintenance.look()
    claims.neighbours = maintenance.neighbours
    enqueue_many(tasks.note, [((number,), {}) for number in range(ready)])
    assert len(claims.take(claims.appetite([], ()), maintenance.worker_id)) == taken


@contextmanager
def claimed_behind(task, **kwargs):
    """The task takes a worker's only slot; the jobs, all short, that this worker holds beyond it."""
    enqueue_many(tasks.note, [((number,), {}) for number in range(200)])
    task.enqueue(**kwargs)
    after = enqueue_many(tasks.note, [((number,), {}) for number in range(200, 400)])
    behind = Job.objects.filter(state=JobState.RUNNING, id__in=after).values_list("id", flat=True)
    with running_worker(concurrency=1):
        # The notes say their number.
        wait_until(lambda: any(not isinstance(said, int) for said in tasks.seen), "the slot is busy")
        yield wait_until(lambda: list(behind), "more is claimed than there are slots")


def assert_cancelled_unrun(ids):
    jobs = Job.objects.filter(id__in=ids)
    wait_until(lambda: all(job.is_finished for job in jobs.all()), "they end")
    ended = set(jobs.values_list("state", "attempts", "failures__message"))
    assert ended == {(JobState.CANCELLED, 0, "cancelled by ann")}
    assert not {value for (value,) in jobs.values_list("args", flat=True)} & set(tasks.seen)


def test_what_is_claimed_ahead_and_called_off_does_not_run_when_its_turn_comes(options, slow_to_return):
    options(HEARTBEAT_INTERVAL=0.1)
    with claimed_behind(tasks.stop_when_called_off, by_returning=True) as behind:
        runs = Job.objects.get(task=tasks.stop_when_called_off.module_path)
        # Together, so that the worker hears of all of them before it can come to the next.
        assert len(steering.cancel([runs.id, *behind], by="ann")) == 1 + len(behind)
        assert_cancelled_unrun(behind)
        wait_until(lambda: ended() + len(behind) == 401, "the others run", timeout=40)


def test_what_is_claimed_ahead_and_called_off_ends_also_while_the_slots_stay_busy(options, slow_to_return):
    options(HEARTBEAT_INTERVAL=0.1)
    with claimed_behind(tasks.wait_at_gate) as behind:
        steering.cancel(behind, by="ann")
        assert_cancelled_unrun(behind)
        assert held() == 1
        tasks.gate.set()
