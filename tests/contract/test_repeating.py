"""A job that has ended is run again as a new one, with the same arguments."""

import pytest

from tests import tasks
from workers import compat, steering
from workers.exceptions import UnknownTask
from workers.models import Job, JobState
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

ASKED = ("task", "args", "kwargs", "queue", "backend", "priority", "owner")


def asked_for(job_id):
    return Job.objects.values_list(*ASKED).get(id=job_id)


@pytest.mark.parametrize("task", [tasks.echo, tasks.fail])
def test_the_new_job_asks_for_the_same_and_the_old_one_stays(task):
    old = task.using(priority=7, queue_name="send-invite").enqueue("grüße")
    drain()
    Job.objects.update(owner="12")
    before = Job.objects.values().get(id=old.id)
    [(old_id, new_id)] = steering.repeat([old.id]).items()
    assert str(old_id) == old.id
    assert asked_for(new_id) == asked_for(old.id)
    assert Job.objects.get(id=new_id).state == JobState.READY
    assert Job.objects.values().get(id=old.id) == before


@pytest.mark.parametrize("task", [tasks.echo, tasks.fail])
def test_the_new_job_runs_as_the_old_one_did(task):
    old = task.enqueue("grüße")
    drain()
    [new_id] = steering.repeat([old.id]).values()
    drain()
    outcome = ("state", "attempts", "return_value", "failures__message")
    assert Job.objects.values_list(*outcome).get(id=new_id) == Job.objects.values_list(*outcome).get(id=old.id)


def test_many_of_several_kinds_are_each_run_again_with_their_own_arguments():
    old = [task.enqueue(number).id for number in range(3) for task in (tasks.echo, tasks.note)]
    drain()
    again = steering.repeat(old)
    assert {str(job_id) for job_id in again} == set(old)
    assert all(asked_for(old_id) == asked_for(new_id) for old_id, new_id in again.items())


def test_it_is_due_now_even_where_the_old_one_was_asked_for_later(django_capture_on_commit_callbacks):
    old = tasks.note.enqueue("once")
    Job.objects.filter(id=old.id).update(state=JobState.FAILED, requested_run_after="2020-01-01T00:00:00Z")
    [new_id] = steering.repeat([old.id]).values()
    new = Job.objects.get(id=new_id)
    assert (new.state, new.requested_run_after) == (JobState.READY, None)


def test_what_has_not_ended_is_left_alone():
    waiting = tasks.echo.enqueue()
    running = Job.objects.create(task="tests.tasks.echo", state=JobState.RUNNING)
    assert steering.repeat([waiting.id, running.id]) == {}
    assert Job.objects.count() == 2


def test_where_one_cannot_be_run_again_none_is_and_the_error_names_the_cure():
    fine = tasks.echo.enqueue()
    drain()
    gone = Job.objects.create(task="tests.tasks.gone", state=JobState.FAILED)
    with pytest.raises(UnknownTask, match=r"no task at 'tests.tasks.gone'.*aliases="):
        steering.repeat([fine.id, gone.id])
    assert Job.objects.count() == 2


@pytest.mark.parametrize("changed", [{"queue": "no-longer"}, {"backend": "no-longer"}])
def test_a_queue_or_backend_that_left_the_settings_is_told(changed):
    job = Job.objects.create(task="tests.tasks.echo", state=JobState.FAILED, **changed)
    with pytest.raises(compat.InvalidTask, match="no-longer"):
        steering.repeat([job.id])


def test_a_job_enqueued_before_a_rename_is_run_again_under_the_new_name():
    old = Job.objects.create(task="tests.tasks.old_name", args=[1], state=JobState.FAILED)
    [new_id] = steering.repeat([old.id]).values()
    assert Job.objects.get(id=new_id).task == "tests.tasks.new_name"
