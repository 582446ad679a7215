"""A job that lost its worker runs next in a process that holds nothing else, so that it takes no one along twice."""

import pytest
from django.db import transaction

from tests.processes import tasks
from workers.models import Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

NEVER = 600
NEIGHBOURS = [f"neighbour-{number}" for number in range(3)]


def test_a_job_that_kills_its_process_takes_its_neighbours_along_once_at_most(crew):
    crew.start("--concurrency 4", MAX_RESCUES=1, HEARTBEAT_BOUND=NEVER, POLL_INTERVAL=0.2)
    neighbours = [tasks.hold.enqueue(crew.folder, name) for name in NEIGHBOURS]
    for name in NEIGHBOURS:
        crew.wait_for_mark(name)
    killer = tasks.leave_at_once.enqueue(crew.folder, "fatal")
    crew.wait_for_mark("fatal")

    crew.wait_for_mark(NEIGHBOURS[0], times=2)
    beat = WorkerProcess.objects.get().beat
    crew.wait(lambda: WorkerProcess.objects.get().beat > beat + 8, "several looks")
    assert {name: len(pids) for name, pids in crew.marks().items()} == {
        NEIGHBOURS[0]: 2,
        NEIGHBOURS[1]: 1,
        NEIGHBOURS[2]: 1,
        "fatal": 1,
    }
    crew.let_go()
    tasks.mark.enqueue(crew.folder, "after")
    crew.wait_for_state(JobState.SUCCESSFUL, 4)
    crew.wait_for_state(JobState.FAILED, 1)
    counted = Job.objects.filter(id__in=[each.id for each in neighbours]).values_list("attempts", "rescues")
    assert set(counted) == {(1, 1)}
    assert Job.objects.get(id=killer.id).rescues == 2
    assert Job.objects.get(task=tasks.mark.module_path).rescues == 0


def test_what_was_claimed_ahead_spends_no_rescue_when_its_process_is_killed(crew):
    crew.start("--concurrency 1", MAX_RESCUES=1, HEARTBEAT_BOUND=NEVER, POLL_INTERVAL=0.2)
    for number in range(40):
        tasks.mark.enqueue(crew.folder, f"before-{number}")
    crew.wait_for_state(JobState.SUCCESSFUL, 40)
    with transaction.atomic():
        killer = tasks.hold_and_leave.enqueue(crew.folder, "fatal")
        behind = [tasks.mark.enqueue(crew.folder, f"behind-{number}").id for number in range(20)]
    crew.wait(lambda: Job.objects.filter(state=JobState.RUNNING).count() > 1, "some to be claimed ahead")
    crew.let_go()
    crew.wait_for_state(JobState.FAILED, 1)
    crew.wait_for_state(JobState.SUCCESSFUL, 60)
    assert set(Job.objects.filter(id__in=behind).values_list("attempts", "rescues")) == {(1, 0)}
    assert Job.objects.get(id=killer.id).rescues == 2
