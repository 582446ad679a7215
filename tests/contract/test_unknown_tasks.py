"""A worker of another release: a job whose task it cannot find waits, unburnt, and costs one line of log."""

import sys
from types import ModuleType

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers import execution
from workers.compat import task_backends
from workers.models import AttemptKind, Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def next_release():
    """``next_release()`` deploys a module ``brand_new`` with a task ``hello``."""
    execution._told.clear()

    def deploy() -> None:
        module = ModuleType("brand_new")
        module.__dict__["hello"] = tasks.note
        sys.modules["brand_new"] = module

    yield deploy
    sys.modules.pop("brand_new", None)


def enqueued_elsewhere(task: str, *args: object) -> Job:
    """A job as another release, which knows the task, has written it."""
    return Job.objects.create(task=task, args=list(args))


@pytest.mark.parametrize("path", ["brand_new.hello", "tests.workers.broken.task"], ids=["missing", "does not import"])
def test_it_goes_back_with_a_delay_and_is_told_once(finished, caplog, next_release, path):
    jobs = [enqueued_elsewhere(path) for _ in range(3)]
    with running_worker():
        wait_until(lambda: Job.objects.filter(state=JobState.SCHEDULED).count() == 3, "all go back")
        finished(tasks.note.enqueue("known"))
    for job in jobs:
        job.refresh_from_db()
        assert (job.attempts, job.rescues, job.interruptions, job.snoozes) == (0, 0, 0, 0)
        assert job.run_after > job.last_attempted_at
        assert job.failures.get().kind == AttemptKind.UNKNOWN_TASK
    assert caplog.text.count(f"there is no task at '{path}'") == 1
    assert "aliases=" in caplog.text


def test_beyond_that_one_line_nothing_is_said_of_it(finished, caplog, next_release):
    for _ in range(3):
        enqueued_elsewhere("brand_new.hello")
    with running_worker():
        wait_until(lambda: Job.objects.filter(state=JobState.SCHEDULED).count() == 3, "all go back")
        finished(tasks.note.enqueue("known"))
    assert len([record for record in caplog.records if "brand_new.hello" in record.getMessage()]) == 1


def test_it_runs_once_its_release_is_here(options, finished, next_release):
    options(POLL_INTERVAL=0.1)
    job = enqueued_elsewhere("brand_new.hello", "deployed")
    with running_worker():
        wait_until(lambda: Job.objects.filter(state=JobState.SCHEDULED).exists(), "it goes back")
        next_release()
        Job.objects.update(run_after=job.enqueued_at)
        finished(task_backends["default"].get_result(str(job.id)))
    job.refresh_from_db()
    assert (tasks.seen, job.state, job.attempts) == (["deployed"], JobState.SUCCESSFUL, 1)


def test_a_job_under_its_tasks_old_name_runs(finished):
    job = enqueued_elsewhere("tests.tasks.old_name", "renamed")
    with running_worker():
        finished(task_backends["default"].get_result(str(job.id)))
    assert tasks.seen == ["renamed"]
