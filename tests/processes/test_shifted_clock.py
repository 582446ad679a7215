"""A worker whose clock is hours away from the database's does everything at the right time, because it asks the
database for it; nor do its neighbours' clocks matter to it."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.db.models.functions import Now

import benchmarks.chaos
from tests.processes import tasks
from tests.waiting import wait_until
from workers.models import AttemptKind, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

SHIFTED = str(Path(benchmarks.chaos.__file__).parent / "shifted")
HOURS = 6


@pytest.fixture(params=[-HOURS, HOURS], ids=["behind", "ahead"])
def shifted(request, crew):
    """A lone worker whose wall clock is wrong."""
    crew.site.env |= {"PYTHONPATH": SHIFTED, "CLOCK_SHIFT": str(request.param * 3600)}
    return crew.start()


def now():
    """The time as the database knows it; any row will do to ask."""
    return WorkerProcess.objects.values_list(Now(), flat=True)[0]


def test_it_claims_promotes_and_retries_by_the_databases_clock(shifted):
    crew = shifted
    told = tasks.tell_time.enqueue(crew.folder, "time")
    soon = tasks.mark.using(run_after=now() + timedelta(seconds=1)).enqueue(crew.folder, "soon")
    later = tasks.mark.using(run_after=now() + timedelta(hours=HOURS - 1)).enqueue(crew.folder, "later")
    tasks.mark.using(run_after=now() - timedelta(hours=HOURS - 1)).enqueue(crew.folder, "overdue")
    retried = tasks.fail_and_wait_a_second.enqueue(crew.folder, "try")
    snoozed = tasks.snooze_a_second.enqueue(crew.folder, "nap")
    crew.wait_for_state(JobState.SUCCESSFUL, 5)

    told.refresh()
    assert abs(told.return_value - time.time()) > (HOURS - 1) * 3600, "its clock is really another"
    job = Job.objects.get(id=soon.id)
    assert job.requested_run_after <= job.started_at <= job.requested_run_after + timedelta(seconds=10)
    for job in Job.objects.filter(id__in=[retried.id, snoozed.id]):
        assert timedelta(seconds=1) <= job.last_attempted_at - job.started_at <= timedelta(seconds=10)
    assert Job.objects.get(id=later.id).state == JobState.SCHEDULED
    assert "later" not in crew.marks()
    ended = Job.objects.filter(state=JobState.SUCCESSFUL)
    in_order = ended.filter(enqueued_at__lte=F("started_at"), started_at__lte=F("finished_at"), finished_at__lte=Now())
    assert in_order.count() == ended.count()


def test_it_rescues_from_the_dead_and_from_nobody_else(shifted):
    crew = shifted
    tasks.hold.enqueue(crew.folder, "held")
    crew.wait_for_mark("held")
    shifted_worker = WorkerProcess.objects.get()
    # Its clock is right, so each of the two has the other's clock for a wrong one.
    crew.site.env["CLOCK_SHIFT"] = "0"
    crew.site.start_worker("invites")
    dead = WorkerProcess.objects.create(id="dead", backend="default", hostname="elsewhere", pid=1, concurrency=1)
    lost = Job.objects.create(
        task=tasks.mark.module_path, args=[crew.folder, "lost"], state=JobState.RUNNING, worker_id=dead.id
    )
    crew.wait_for_mark("lost")
    beat = WorkerProcess.objects.get(id=shifted_worker.id).beat
    wait_until(
        lambda: WorkerProcess.objects.get(id=shifted_worker.id).beat > beat + 20,
        "the bound, and more, of a living worker to pass",
        45,
    )
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 2)
    lost.refresh_from_db()
    assert (lost.attempts, lost.rescues) == (1, 1)
    assert lost.failures.get().kind == AttemptKind.WORKER_LOST
    assert len(crew.marks()["held"]) == 1
    assert Job.objects.get(task=tasks.hold.module_path).rescues == 0
    assert not WorkerProcess.objects.filter(id="dead").exists()
