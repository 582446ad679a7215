"""What people do to jobs: retry, discard, cancel."""

import pytest

from tests import tasks
from workers import compat, steering
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

FAILED = compat.TaskResultStatus.FAILED


def drained(result):
    drain()
    result.refresh()
    return result


def test_a_failed_job_is_retried_and_has_one_attempt_more():
    result = drained(tasks.fail_three_times.enqueue())
    assert [str(job.id) for job in steering.retry([result.id])] == [result.id]
    assert drained(result).attempts == 4
    assert result.status == FAILED


def test_a_waiting_job_is_cancelled_and_never_runs():
    result = tasks.note.enqueue("never")
    assert len(steering.cancel([result.id], by="ada")) == 1
    assert drained(result).state == JobState.CANCELLED
    assert (result.status, tasks.seen, result.attempts) == (FAILED, [], 0)
    assert "cancelled by ada" in result.errors[0].traceback


def test_a_discard_is_told_with_its_reason():
    result = drained(tasks.fail.enqueue())
    steering.discard([result.id], by="ada")
    result.refresh()
    assert (result.state, result.errors[-1].exception_class_path) == (
        JobState.DISCARDED,
        "workers.exceptions.Discard",
    )


@pytest.mark.parametrize("act", [steering.retry, lambda ids: steering.discard(ids, by="x")])
def test_what_runs_or_has_succeeded_is_left_alone(act):
    done = drained(tasks.echo.enqueue())
    running = Job.objects.create(task="tests.tasks.echo", state=JobState.RUNNING)
    assert act([done.id, running.id]) == []


@pytest.mark.django_db(transaction=True)
def test_the_end_is_told_like_any_other(heard):
    result = tasks.echo.enqueue()
    steering.cancel([result.id], by="ada")
    assert [(each.id, each.state) for each in heard] == [(result.id, JobState.CANCELLED)]


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_backend_left_the_settings_is_called_off_like_any_other_and_the_others_are_told_of(heard):
    gone, other = tasks.echo.enqueue(), tasks.echo.enqueue()
    Job.objects.filter(id=gone.id).update(backend="gone")
    steering.cancel([gone.id, other.id], by="ada")
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.CANCELLED}
    assert {each.id for each in heard} == {gone.id, other.id}
