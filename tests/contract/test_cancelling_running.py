"""Calling off a job that runs: its task hears of it, and whatever the task does, it has no further attempt."""

import time
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import compat, steering
from workers.lifecycle import claiming, rescuing
from workers.models import AttemptKind, Job, JobState
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _often(options):
    options(HEARTBEAT_INTERVAL=0.1)


def runs(task, *args, **kwargs):
    result = task.enqueue(*args, **kwargs)
    wait_until(lambda: tasks.seen, "it runs")
    return result


def call_off(result):
    assert [str(job.id) for job in steering.cancel([result.id], by="ann")] == [result.id]


def failures():
    return list(Job.objects.get().failures.order_by("id").values_list("kind", "message"))


def test_the_wish_is_written_on_the_job_which_goes_on_running():
    result = tasks.note.enqueue("x")
    claiming.claim("default", "default", {"default": 1}, "one")
    call_off(result)
    job = Job.objects.get()
    assert (job.state, job.cancel_requested_by, failures()) == (JobState.RUNNING, "ann", [])


@pytest.mark.parametrize(
    "task", [tasks.report_until_called_off, tasks.areport_until_called_off], ids=lambda task: task.name
)
def test_a_task_that_tells_its_progress_is_stopped_there(task, finished, heard):
    with running_worker():
        result = runs(task)
        call_off(result)
        finished(result)
        wait_until(lambda: heard, "the end is told")
    assert (result.state, result.status, tasks.seen) == (
        JobState.CANCELLED,
        compat.TaskResultStatus.FAILED,
        ["reports"],
    )
    assert failures() == [(AttemptKind.CANCELLED, "cancelled by ann")]
    assert heard == [result]


def test_a_coroutine_is_cancelled_where_it_waits(finished):
    with running_worker():
        result = runs(tasks.await_forever)
        call_off(result)
        finished(result)
    assert (result.state, failures()) == (JobState.CANCELLED, [(AttemptKind.CANCELLED, "cancelled by ann")])


def test_a_task_that_looks_may_raise_cancelled(finished):
    with running_worker():
        result = runs(tasks.stop_when_called_off, by_returning=False)
        call_off(result)
        finished(result)
    assert (result.state, failures()) == (JobState.CANCELLED, [(AttemptKind.CANCELLED, "stopped early")])


def test_a_task_that_looks_may_return_early_and_has_then_succeeded(finished):
    with running_worker():
        result = runs(tasks.stop_when_called_off, by_returning=True)
        call_off(result)
        finished(result)
    assert (result.state, result.return_value) == (JobState.SUCCESSFUL, "stopped early")


def test_a_task_that_does_not_look_and_succeeds_has_succeeded(finished):
    with running_worker():
        result = runs(tasks.wait_at_gate, "done")
        call_off(result)
        tasks.gate.set()
        finished(result)
    assert (result.state, result.return_value, failures()) == (JobState.SUCCESSFUL, "done", [])


@pytest.mark.parametrize(
    ("how", "counted", "kept"),
    [
        ("no", (1, 0), [(AttemptKind.FAILED, "no"), (AttemptKind.CANCELLED, "cancelled by ann")]),
        ("snooze", (0, 1), [(AttemptKind.CANCELLED, "cancelled by ann")]),
    ],
)
def test_a_task_that_would_go_on_ends_cancelled_instead(how, counted, kept, finished, heard):
    with running_worker():
        result = runs(tasks.raise_behind_the_gate, how)
        call_off(result)
        tasks.gate.set()
        finished(result)
        wait_until(lambda: heard, "the end is told")
    job = Job.objects.get()
    assert (job.state, (job.attempts, job.snoozes), tasks.seen) == (JobState.CANCELLED, counted, [how])
    assert failures() == kept
    assert heard == [result]


def test_a_shutdown_does_not_hand_back_what_was_called_off(heard):
    with running_worker() as worker:
        result = runs(tasks.wait_at_gate)
        call_off(result)
        worker.stop(at_once=True)
        wait_until(lambda: heard, "the end is told")
    result.refresh()
    assert (result.state, heard) == (JobState.CANCELLED, [result])


def test_a_called_off_job_that_lost_its_worker_is_not_run_again():
    result = tasks.note.enqueue("never")
    claiming.claim("default", "default", {"default": 1}, "dead")
    call_off(result)
    rescuing.rescue_orphans("default", "default", max_rescues=5)
    result.refresh()
    ((kind, message),) = failures()
    assert (result.state, kind) == (JobState.CANCELLED, AttemptKind.WORKER_LOST)
    assert message.endswith("cancelled by ann")


def test_a_called_off_job_whose_claim_was_lost_ends_at_once_and_is_told(finished, heard):
    with running_worker() as worker:
        # The answer to this claim never reached the worker.
        claim = {"state": JobState.RUNNING, "worker_id": worker.id, "claim_token": uuid4()}
        never, other = (
            Job.objects.create(task="tests.tasks.note", args=[name], **claim) for name in ("never", "other")
        )
        result = compat.task_backends["default"].get_result(str(never.id))
        call_off(result)
        worker.worker.engine.ledger._reconciling.due_at = 0
        finished(result)
        wait_until(lambda: len(heard) == 2, "both ends are told")
    assert (result.state, tasks.seen) == (JobState.CANCELLED, ["other"])
    assert {each.id for each in heard} == {str(never.id), str(other.id)}
    never.refresh_from_db()
    assert never.attempts == 0
    assert list(never.failures.values_list("kind", "message")) == [(AttemptKind.CANCELLED, "cancelled by ann")]


def test_a_retry_forgets_the_wish_and_the_progress(finished):
    with running_worker():
        result = runs(tasks.report_until_called_off)
        wait_until(lambda: Job.objects.get().progress, "it has told its progress")
        call_off(result)
        finished(result)
        tasks.release.set()
    steering.retry([result.id])
    job = Job.objects.get()
    assert (job.state, job.cancel_requested_by, job.progress) == (JobState.READY, "", None)
    with running_worker():
        assert finished(result).state == JobState.SUCCESSFUL


class TestProgress:
    def test_it_is_written_at_most_once_a_second(self):
        tasks.report.enqueue(times=200, total=1000)
        began = time.monotonic()
        with CaptureQueriesContext(connection) as queries:
            drain()
        written = [query for query in queries if query["sql"].startswith("UPDATE") and '"progress"' in query["sql"]]
        assert 1 <= len(written) <= 1 + (time.monotonic() - began)
        assert Job.objects.get().progress["total"] == 1000

    def test_the_last_of_all_is_always_written(self):
        tasks.report.enqueue(times=11, total=10)
        drain()
        assert Job.objects.get().progress == {"done": 10, "total": 10, "note": "step 10"}

    def test_a_lost_lease_is_told_there(self):
        tasks.report_when_stolen.enqueue()
        with pytest.raises(Exception, match="was taken from this worker"):
            drain(raise_errors=True)
        job = Job.objects.get()
        assert (job.state, job.progress, job.attempts) == (JobState.RUNNING, None, 0)
