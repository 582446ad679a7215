"""``context.complete``: the job ends in the task's own transaction, and so exactly when its effects do."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from tests import tasks
from tests.contract import completions
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.context import TaskContext
from workers.lifecycle import rescuing
from workers.models import Attempt, Job, JobState, WorkerProcess
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def drained(result):
    drain()
    result.refresh()
    return result


def effects():
    return list(Group.objects.values_list("name", flat=True))


@pytest.mark.parametrize("task", [completions.complete, completions.acomplete], ids=lambda task: task.name)
def test_effect_and_job_commit_together_and_the_value_is_the_result(task, heard, finished):
    with running_worker():
        result = finished(task.enqueue("effect", {"rows": [1]}))
        wait_until(lambda: heard, "the end is told")
        finished(tasks.note.enqueue("after"))
    assert (result.state, result.return_value, result.attempts) == (JobState.SUCCESSFUL, {"rows": [1]}, 1)
    assert (effects(), result.errors) == (["effect"], [])
    told = [each for each in heard if each.id == result.id]
    assert told == [result], "once, and as it is stored"


@pytest.mark.parametrize("task", [completions.complete, completions.acomplete], ids=lambda task: task.name)
def test_it_works_under_drain(task, heard):
    result = drained(task.enqueue("effect", 3))
    assert (result.state, result.return_value, effects()) == (JobState.SUCCESSFUL, 3, ["effect"])
    assert heard == [result]


@pytest.mark.django_db
def test_it_works_under_drain_inside_a_test_case():
    with transaction.atomic():
        assert drained(completions.complete.enqueue("effect", 3)).return_value == 3


def test_outside_a_transaction_it_refuses_and_says_the_cure():
    result = drained(completions.complete_outside.enqueue())
    assert result.state == JobState.FAILED
    assert result.errors[0].exception_class is RuntimeError
    assert "call it within transaction.atomic()" in result.errors[0].traceback


def test_without_a_job_of_the_workers_it_refuses():
    with pytest.raises(RuntimeError, match="needs a job of the workers' backend"):
        TaskContext(task_result=None).complete(1)


def test_a_failure_in_the_same_transaction_undoes_both_and_the_retry_does_both():
    result = drained(completions.complete_and_fail_inside.enqueue("effect", fails=1))
    assert (result.state, result.return_value, result.attempts) == (JobState.SUCCESSFUL, 2, 2)
    assert effects() == ["effect"]
    assert "inside" in result.errors[0].traceback


def test_a_failure_in_the_same_transaction_at_the_last_attempt_fails_the_job():
    result = drained(completions.complete_and_fail_inside.enqueue("effect", fails=2))
    assert (result.state, result.attempts, effects()) == (JobState.FAILED, 2, [])
    assert Job.objects.get().return_value is None


def test_a_completion_that_was_rolled_back_counts_for_nothing():
    result = drained(completions.complete_and_undo.enqueue("effect"))
    assert (result.state, result.return_value, effects()) == (JobState.SUCCESSFUL, "returned", [])


def test_a_value_that_cannot_be_kept_fails_the_job_and_undoes_the_effect():
    result = drained(completions.complete_with_an_object.enqueue("effect"))
    assert (result.state, effects()) == (JobState.FAILED, [])
    assert "the result cannot be stored as JSON" in result.errors[0].traceback


def test_what_the_task_raises_after_the_commit_is_logged_and_changes_nothing(caplog, heard):
    result = drained(completions.complete_and_fail_after.enqueue("effect"))
    assert (result.state, result.return_value, result.attempts) == (JobState.SUCCESSFUL, "completed", 1)
    assert (effects(), Attempt.objects.count(), heard) == (["effect"], 0, [result])
    assert "had completed before it failed" in caplog.text
    assert "ValueError: too late" in caplog.text


def test_a_lost_lease_raises_and_undoes_the_effect():
    result = completions.complete_when_stolen.enqueue("effect")
    drain()
    assert tasks.seen == [f"job {result.id} was taken from this worker; the transaction must not commit"]
    job = Job.objects.get()
    assert (job.state, job.attempts, effects(), Attempt.objects.count()) == (JobState.RUNNING, 0, [], 0)


def test_a_rescued_job_is_done_by_one_of_its_two_workers(options, finished, caplog):
    """The first worker is only believed dead: both are at the gate, and both try to complete."""
    options(HEARTBEAT_INTERVAL=0.1, POLL_INTERVAL=0.1)
    with running_worker(concurrency=2) as worker:
        first = worker.id
        result = completions.complete_behind_the_gate.enqueue("effect")
        wait_until(lambda: tasks.seen == ["effect"], "it runs")
        WorkerProcess.objects.filter(id=first).delete()
        rescuing.rescue_orphans("default", "default", 5)
        with running_worker(concurrency=2):
            wait_until(lambda: tasks.seen == ["effect"] * 2, "it runs elsewhere as well")
            tasks.gate.set()
            finished(result)
            wait_until(lambda: "lost its lease" in caplog.text, "the first worker is refused")
    job = Job.objects.get()
    assert (effects(), job.state, job.attempts, job.rescues) == (["effect"], JobState.SUCCESSFUL, 1, 1)


def test_a_second_completion_is_told_as_such_and_rolls_back():
    result = drained(completions.complete_twice.enqueue())
    assert result.state == JobState.SUCCESSFUL
    assert sorted(effects()) == ["context.complete() was called before, and the job has ended.", "once"]
