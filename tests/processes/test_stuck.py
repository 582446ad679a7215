"""A task that does not stop at its timeout: its process takes nothing new, and only its death ends the job."""

import pytest

from tests.processes import tasks
from tests.processes.crew import is_gone
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

NEVER = 600


def test_a_replacement_works_while_neighbours_finish_and_the_timeout_is_recorded_when_the_process_is_dead(crew):
    crew.start("--grace 60 --concurrency 2", HEARTBEAT_BOUND=NEVER)
    stuck = tasks.sleep_in_c.enqueue(crew.folder, "stuck")
    tasks.hold.enqueue(crew.folder, "neighbour")
    old = crew.wait_for_mark("stuck")
    assert crew.wait_for_mark("neighbour") == old
    crew.wait(lambda: "another one starts now" in crew.process.said(), "the replacement to be started")
    tasks.mark.enqueue(crew.folder, "next")
    assert crew.wait_for_mark("next") != old
    assert not is_gone(old), "its neighbour still runs"
    assert Job.objects.get(id=stuck.id).state == JobState.RUNNING, "not while its thread may still act"
    crew.let_go()

    def recorded_before_its_death() -> bool:
        state = Job.objects.get(id=stuck.id).state
        assert state == JobState.RUNNING or is_gone(old)
        return state == JobState.FAILED

    crew.wait(recorded_before_its_death, "the timeout to be recorded")
    assert crew.marks()["neighbour-done"] == [old]
    job = Job.objects.get(id=stuck.id)
    assert (job.attempts, job.rescues) == (1, 0)
    assert job.failures.get().exception_class_path == "workers.exceptions.TaskTimeout"
    crew.process.popen.terminate()
    assert crew.process.wait() == 0


def test_a_stuck_job_with_an_attempt_left_is_tried_again_after_the_death_of_its_process(crew):
    crew.start("--grace 1", processes=2, HEARTBEAT_BOUND=NEVER)
    tasks.sleep_in_c_at_first.enqueue(crew.folder, "try")
    old = crew.wait_for_mark("try-1")
    assert crew.wait_for_mark("try-2") != old
    assert is_gone(old)
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    job = Job.objects.get()
    assert (job.attempts, job.rescues) == (2, 0)


def test_a_neighbour_that_outlives_the_grace_is_handed_back(crew):
    crew.start("--grace 1 --concurrency 2", HEARTBEAT_BOUND=NEVER)
    stuck = tasks.sleep_in_c.enqueue(crew.folder, "stuck")
    neighbour = tasks.hold.enqueue(crew.folder, "neighbour")
    old = crew.wait_for_mark("stuck")
    crew.wait_for_mark("neighbour")
    assert crew.wait_for_mark("neighbour", times=2) != old
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    crew.wait_for_state(JobState.FAILED, 1)
    job = Job.objects.get(id=neighbour.id)
    assert (job.attempts, job.interruptions, job.rescues) == (1, 1, 0)
    assert Job.objects.get(id=stuck.id).attempts == 1


def test_a_process_that_is_stopped_with_a_stuck_task_records_its_timeout_as_its_last_act(crew):
    crew.start("--grace 60 --concurrency 2", HEARTBEAT_BOUND=NEVER)
    tasks.sleep_in_c.enqueue(crew.folder, "stuck")
    tasks.hold.enqueue(crew.folder, "neighbour")
    crew.wait_for_mark("stuck")
    crew.wait_for_mark("neighbour")
    crew.wait(lambda: "another one starts now" in crew.process.said(), "the replacement to be started")
    # The replacement too: what the dying process leaves is buried by somebody who is there.
    crew.wait(lambda: len(crew.pids()) == 2, "the replacement to be there")
    crew.process.popen.terminate()
    crew.wait(lambda: len(crew.pids()) == 1, "the replacement to leave")
    crew.let_go()
    assert crew.process.wait() == 0
    assert Job.objects.filter(state=JobState.FAILED, attempts=1, rescues=0).count() == 1
    assert Job.objects.filter(state=JobState.SUCCESSFUL).count() == 1
