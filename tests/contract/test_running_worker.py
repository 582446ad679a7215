"""A worker at work: real threads, the real channel layer, the real database."""

import pytest
from django.db import transaction

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def finished(result):
    def check():
        result.refresh()
        return result.is_finished

    return wait_until(check, lambda: f"{result.task.name} is finished; it is {result.state}")


def test_a_committed_job_runs_and_its_result_is_kept():
    with running_worker():
        result = tasks.echo.enqueue(1, two=[3])
        finished(result)
    assert result.return_value == [[1], {"two": [3]}]
    assert result.attempts == 1


def test_an_async_task_runs():
    with running_worker():
        result = tasks.aecho.enqueue("x")
        finished(result)
    assert result.return_value == [["x"], {}]


def test_a_job_enqueued_in_a_transaction_that_rolls_back_never_runs():
    with running_worker():
        with pytest.raises(RuntimeError), transaction.atomic():
            tasks.echo.enqueue()
            raise RuntimeError
        finished(tasks.echo.enqueue("after"))
    assert Job.objects.count() == 1


def test_a_task_that_outlives_its_timeout_is_stopped():
    with running_worker():
        sync, coroutine = tasks.sleep_too_long.enqueue(), tasks.asleep_too_long.enqueue()
        finished(sync)
        finished(coroutine)
    for result in (sync, coroutine):
        assert result.errors[0].exception_class_path == "workers.exceptions.TaskTimeout"
        assert "timeout of 0.2 s" in result.errors[0].traceback
    assert "sleep_too_long" in sync.errors[0].traceback


def test_a_hundred_jobs_run_once_each():
    with running_worker():
        results = [tasks.succeed_at.enqueue(1) for _ in range(100)]
        wait_until(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == 100, "all have run")
    assert {Job.objects.get(id=result.id).attempts for result in results} == {1}
