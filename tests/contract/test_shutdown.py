"""A worker that stops finishes its jobs or hands them back; no attempt is spent and nothing stays RUNNING."""

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def test_a_running_job_may_finish_within_the_grace():
    with running_worker() as worker:
        tasks.wait_at_gate.enqueue("running")
        wait_until(lambda: tasks.seen == ["running"], "it runs")
        worker.loop.call_soon_threadsafe(worker.worker.stop)
        tasks.gate.set()
        worker.stop()
        assert worker.clean
    job = Job.objects.get()
    assert (job.state, job.attempts, job.interruptions) == (JobState.SUCCESSFUL, 1, 0)


def test_a_job_that_outlives_the_grace_is_handed_back_unburnt():
    with running_worker() as worker:
        tasks.wait_at_gate.enqueue("too long")
        wait_until(lambda: tasks.seen == ["too long"], "it runs")
        worker.stop(at_once=True)
        assert worker.clean is False, "its thread still runs, so the process must end"
        job = Job.objects.get()
        assert (job.state, job.attempts, job.interruptions) == (JobState.READY, 0, 1)
        tasks.gate.set()
    job.refresh_from_db()
    assert job.state == JobState.READY, "what the ghost finished later is not recorded"


def test_a_coroutine_that_outlives_the_grace_is_cancelled_and_handed_back():
    with running_worker() as worker:
        tasks.await_forever.enqueue()
        wait_until(lambda: tasks.seen == ["awaiting"], "it runs")
        worker.stop(at_once=True)
        assert worker.clean
    job = Job.objects.get()
    assert (job.state, job.attempts, job.interruptions) == (JobState.READY, 0, 1)


def test_a_stopping_worker_claims_nothing_more():
    with running_worker(concurrency=1) as worker:
        for number in range(3):
            tasks.wait_at_gate.enqueue(number)
        wait_until(lambda: len(tasks.seen) == 1, "one runs")
        worker.loop.call_soon_threadsafe(worker.worker.stop)
        assert worker.worker.engine.ledger.quiesced.wait(10)
        tasks.gate.set()
        worker.stop()
    states = sorted(Job.objects.values_list("state", flat=True))
    assert states == [JobState.READY, JobState.READY, JobState.SUCCESSFUL]


def test_an_idle_worker_stops_at_once_and_leaves_no_row():
    with running_worker() as worker:
        worker.stop()
        assert worker.clean
    assert not WorkerProcess.objects.exists()


def test_a_task_that_will_not_stop_ends_its_worker_and_only_then_is_its_timeout_recorded(monkeypatch):
    from workers import deadlines

    monkeypatch.setattr(deadlines, "PATIENCE", 0.2)
    with running_worker(concurrency=2) as worker:
        neighbour = tasks.wait_at_gate.enqueue("neighbour")
        wait_until(lambda: tasks.seen == ["neighbour"], "one runs")
        stubborn = tasks.swallow_everything.enqueue()
        wait_until(lambda: tasks.seen == ["neighbour", "stubborn"], "both run")
        wait_until(lambda: worker.worker.engine._stuck, "the worker knows it")
        assert Job.objects.filter(id=stubborn.id, state=JobState.RUNNING).exists(), "not while its thread may still act"
        tasks.gate.set()
        worker.stop()
        assert worker.clean is False
        tasks.release.set()
    stubborn.refresh()
    neighbour.refresh()
    assert stubborn.state == JobState.FAILED
    assert stubborn.errors[0].exception_class_path == "workers.exceptions.TaskTimeout"
    assert neighbour.state == JobState.SUCCESSFUL, "a neighbour finishes in place"
