"""A living worker takes over what a dead one held: the stuck end by their timeout, the others lost their worker."""

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.lifecycle import claiming
from workers.models import AttemptKind, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _dead(options):
    """A worker whose process is gone, and whose row would be believed for a long time."""
    options(POLL_INTERVAL=60)
    WorkerProcess.objects.create(id="dead", backend="default", hostname="here", pid=1, concurrency=4)


def held(*results) -> None:
    """The dead worker holds these jobs."""
    assert len(claiming.claim("default", "default", {"default": 10}, "dead")) == len(results)


def bury(worker, *stuck) -> None:
    said = []
    worker.worker.engine.bury("dead", [result.id for result in stuck], lambda: said.append("buried"))
    wait_until(lambda: said, "the burial")


def test_a_lost_job_runs_again_at_once_and_a_stuck_one_ends_by_its_timeout(finished):
    lost, stuck = tasks.note.enqueue("lost"), tasks.note.enqueue("stuck")
    held(lost, stuck)
    with running_worker() as worker:
        bury(worker, stuck)
        finished(lost)
    assert tasks.seen == ["lost"]
    assert not WorkerProcess.objects.exists()
    job = Job.objects.get(id=lost.id)
    assert (job.state, job.attempts, job.rescues) == (JobState.SUCCESSFUL, 1, 1)
    job = Job.objects.get(id=stuck.id)
    assert (job.state, job.attempts, job.rescues) == (JobState.FAILED, 1, 0)
    failure = job.failures.get()
    assert (failure.kind, failure.worker_id) == (AttemptKind.FAILED, "dead")
    assert failure.exception_class_path == "workers.exceptions.TaskTimeout"


def test_a_stuck_job_with_an_attempt_left_runs_again(finished):
    stuck = tasks.succeed_at.enqueue(2)
    held(stuck)
    with running_worker() as worker:
        bury(worker, stuck)
        assert finished(stuck).return_value == 2
    assert Job.objects.get().rescues == 0


def test_what_was_called_stuck_and_ended_after_all_is_left_as_it_is():
    stuck = tasks.note.enqueue("stuck")
    held(stuck)
    Job.objects.update(state=JobState.SUCCESSFUL)
    with running_worker() as worker:
        bury(worker, stuck)
        bury(worker, stuck)
    job = Job.objects.get()
    assert (job.state, job.attempts, job.rescues) == (JobState.SUCCESSFUL, 0, 0)
