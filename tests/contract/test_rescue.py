"""A dead worker's job is rescued, a living worker's never, and a job that kills its workers ends."""

import os
import socket
from uuid import uuid4

import pytest

from tests import tasks
from tests.running_worker import APPLICATION, running_worker
from tests.waiting import wait_until
from workers import compat, liveness
from workers.lifecycle import claiming, rescuing
from workers.maintenance import Maintenance
from workers.models import AttemptKind, Job, JobState, WorkerProcess
from workers.serving import resolve

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]

FAST = {"HEARTBEAT_INTERVAL": 0.1, "HEARTBEAT_BOUND": 0.6, "POLL_INTERVAL": 0.1}


def dead_worker(worker_id="dead", pid=1, hostname="elsewhere"):
    return WorkerProcess.objects.create(id=worker_id, backend="default", hostname=hostname, pid=pid, concurrency=4)


def claimed_by(worker_id, count=1):
    return claiming.claim("default", "default", {"default": count}, worker_id)


def test_the_job_of_a_worker_that_fell_silent_runs_elsewhere(options, finished):
    options(**FAST)
    result = tasks.note.enqueue("rescued")
    dead_worker()
    claimed_by("dead")
    with running_worker() as worker:
        finished(result)
        assert (tasks.seen, result.worker_ids, result.attempts) == (["rescued"], [worker.id], 1)
    job = Job.objects.get()
    assert (job.attempts, job.rescues) == (1, 1)
    attempt = job.failures.get()
    assert (attempt.kind, attempt.worker_id) == (AttemptKind.WORKER_LOST, "dead")
    assert not WorkerProcess.objects.filter(id="dead").exists()


def test_a_job_whose_workers_row_vanished_is_rescued(options, finished):
    options(**FAST)
    result = tasks.note.enqueue("orphan")
    claimed_by("vanished")
    with running_worker():
        finished(result)
    assert tasks.seen == ["orphan"]


def test_all_that_a_worker_held_is_rescued_at_once_however_much_it_was(options):
    options(**FAST)
    held = rescuing.BATCH + 20
    for number in range(held):
        tasks.note.enqueue(number)
    dead_worker()
    assert len(claimed_by("dead", held)) == held
    with running_worker():
        # Well below RESCUE_INTERVAL, after which what was left over would be found as well.
        wait_until(lambda: not Job.objects.exclude(state=JobState.SUCCESSFUL).exists(), "all are done", timeout=25)
    assert sorted(tasks.seen) == list(range(held))
    assert set(Job.objects.values_list("rescues", flat=True)) == {1}


def test_a_worker_that_beats_keeps_its_job_however_long_it_takes(options, finished):
    options(**FAST)
    with running_worker():
        result = tasks.wait_at_gate.enqueue("long")
        wait_until(lambda: tasks.seen == ["long"], "it runs")
        beat = WorkerProcess.objects.get().beat
        wait_until(lambda: WorkerProcess.objects.get().beat > beat + 12, "two bounds have passed")
        tasks.gate.set()
        finished(result)
    assert Job.objects.get().rescues == 0


def test_a_worker_declared_dead_goes_on_under_a_new_id_and_records_nothing_stale(options, finished, caplog):
    options(**FAST)
    with running_worker(concurrency=2) as worker:
        first = worker.id
        result = tasks.wait_at_gate.enqueue("stale")
        wait_until(lambda: tasks.seen == ["stale"], "it runs")
        WorkerProcess.objects.filter(id=first).delete()
        rescuing.rescue_orphans("default", "default", 5)
        wait_until(lambda: worker.id != first and WorkerProcess.objects.filter(id=worker.id).exists(), "a new id")
        tasks.gate.set()
        finished(result)
        wait_until(lambda: "lost its lease" in caplog.text, "the stale outcome is refused")
    assert (result.worker_ids, Job.objects.get().attempts) == ([worker.id], 1)


def test_a_worker_whose_registration_was_never_answered_registers_again():
    liveness.register("default", "unsure", "default", ["default"], 4)
    liveness.beat("default", "unsure", stopping=False)
    liveness.register("default", "unsure", "default", ["default"], 4)
    assert WorkerProcess.objects.get().beat == 1


def test_a_worker_declared_dead_has_a_new_row_before_it_claims_again():
    maintenance = Maintenance(resolve(APPLICATION, "default", (), 1).assignment, lambda jobs: None)
    maintenance.register()
    first = maintenance.worker_id
    assert maintenance.look().known
    assert maintenance.worker_id == first
    WorkerProcess.objects.all().delete()
    assert not maintenance.look().known
    assert WorkerProcess.objects.get().id == maintenance.worker_id != first


def test_a_worker_tells_once_of_a_queue_that_nobody_serves(options, finished, caplog):
    options(**FAST)
    tasks.note.using(queue_name="thumbnailer").enqueue("waits")
    with running_worker("send-invite"):
        wait_until(lambda: "1 due job on `thumbnailer`; no live worker serves it" in caplog.text, "it says so")
    assert caplog.text.count("no live worker") == 1
    assert "start: python manage.py runworker thumbnailer" in caplog.text


def test_a_job_that_keeps_killing_its_worker_fails_and_says_so():
    tasks.note.enqueue("poison")
    for lost in range(1, 4):
        job = claiming.claim("default", "default", {"default": 1}, f"dead-{lost}", rescued=lost > 1)[0]
        assert job.rescues == lost - 1
        rescuing.rescue_orphans("default", "default", max_rescues=2)
        Job.objects.filter(state=JobState.SCHEDULED).update(state=JobState.READY)
    job.refresh_from_db()
    assert (job.state, job.rescues, job.attempts) == (JobState.FAILED, 3, 0)
    result = compat.task_backends["default"].get_result(str(job.id))
    assert result.status == compat.TaskResultStatus.FAILED
    assert len(result.errors) == 3
    assert "MAX_RESCUES" in result.errors[-1].traceback


def test_max_rescues_of_zero_means_never_again(options, finished, heard):
    options(**FAST, MAX_RESCUES=0)
    result = tasks.note.enqueue("never")
    claimed_by("vanished")
    with running_worker():
        finished(result)
        wait_until(lambda: [each.id for each in heard] == [result.id], "the end is told")
    assert tasks.seen == []


@pytest.mark.parametrize(("rescues", "seconds"), [(1, 0), (2, 10), (3, 30), (4, 90), (50, 600)])
def test_each_rescue_waits_longer(rescues, seconds):
    assert rescuing.rescue_delay(rescues) == seconds


def test_a_job_rescued_before_runs_alone(options, finished):
    options(POLL_INTERVAL=0.1)
    with running_worker(concurrency=4):
        long = tasks.wait_at_gate.enqueue("neighbour")
        wait_until(lambda: tasks.seen == ["neighbour"], "the neighbour runs")
        suspect = Job.objects.create(task="tests.tasks.note", args=["suspect"], rescues=1)
        # The worker takes nothing new until it is empty, so that the suspect can take nobody along.
        wait_until(lambda: Job.objects.filter(id=suspect.id, state=JobState.READY).exists(), "it waits")
        tasks.gate.set()
        finished(long)
        finished(compat.task_backends["default"].get_result(str(suspect.id)))
        finished(tasks.note.enqueue("after"))
    assert tasks.seen == ["neighbour", "suspect", "after"]


def test_claims_the_worker_never_heard_of_are_given_back_unburnt(options, finished):
    options(**FAST)
    with running_worker() as worker:
        lost = Job.objects.create(
            task="tests.tasks.note", args=["lost"], state=JobState.RUNNING, worker_id=worker.id, claim_token=uuid4()
        )
        worker.worker.engine.ledger._reconciling.due_at = 0
        finished(compat.task_backends["default"].get_result(str(lost.id)))
    lost.refresh_from_db()
    assert (tasks.seen, lost.attempts, lost.rescues) == (["lost"], 1, 0)


def test_the_development_server_takes_up_at_once_what_its_killed_predecessor_held():
    from dataclasses import replace

    tasks.note.enqueue("saved a file")
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    dead_worker("predecessor", pid=child, hostname=socket.gethostname())
    dead_worker("alive", pid=os.getpid(), hostname=socket.gethostname())
    claimed_by("predecessor")
    assignment = replace(resolve(APPLICATION, "default", (), 1).assignment, embedded=True)
    Maintenance(assignment, lambda jobs: None).register()
    job = Job.objects.get()
    assert (job.state, job.rescues, job.interruptions) == (JobState.READY, 1, 0)
    assert not WorkerProcess.objects.filter(id="predecessor").exists()
    assert WorkerProcess.objects.filter(id="alive").exists()
