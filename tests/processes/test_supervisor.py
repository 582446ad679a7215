"""What the supervisor replaces, and what becomes of the jobs of a process that died."""

import re
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.processes import tasks
from tests.processes.crew import is_gone, process_state
from tests.waiting import wait_until
from workers.models import AttemptKind, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

NEVER = 600
"""A heartbeat bound that no test lives to see: what happens before it was done by the supervisor."""


@pytest.mark.parametrize("processes", [2, 1], ids=["by a sibling", "by the replacement"])
def test_the_job_of_a_killed_process_runs_again_long_before_its_heartbeat_is_missed(crew, processes):
    crew.start(processes=processes, HEARTBEAT_BOUND=NEVER)
    before = crew.pids()
    tasks.hold.enqueue(crew.folder, "held")
    killed = crew.wait_for_mark("held")
    crew.kill(killed)
    again = crew.wait_for_mark("held", times=2)
    assert again != killed
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    crew.wait(lambda: len(crew.pids()) == processes and killed not in crew.pids(), "the crew to be complete again")
    assert len(crew.pids() - before) == 1
    job = Job.objects.get()
    assert (job.attempts, job.rescues) == (1, 1)
    assert [failure.kind for failure in job.failures.all()] == [AttemptKind.WORKER_LOST]
    assert re.search(rf"Worker process {killed} was ended by SIGKILL", crew.process.said())


def test_a_killed_process_does_not_hurt_its_sibling_s_jobs(crew):
    crew.start("--concurrency 1", processes=2, HEARTBEAT_BOUND=NEVER)
    for name in ("one", "two"):
        tasks.hold.enqueue(crew.folder, name)
    killed, spared = crew.wait_for_mark("one"), crew.wait_for_mark("two")
    assert killed != spared
    crew.kill(killed)
    crew.wait_for_mark("one", times=2)
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 2)
    assert crew.marks()["two"] == [spared]


@pytest.mark.parametrize("task", [tasks.leave_at_once, tasks.segfault], ids=lambda task: task.name)
def test_a_job_that_kills_every_process_ends_failed_and_says_so(crew, task):
    crew.start(MAX_RESCUES=1, HEARTBEAT_BOUND=NEVER)
    task.enqueue(crew.folder, "fatal")
    crew.wait_for_state(JobState.FAILED, 1)
    job = Job.objects.get()
    assert (job.attempts, job.rescues) == (0, 2)
    assert len(crew.marks()["fatal"]) == 2
    assert "the most that MAX_RESCUES allows" in job.failures.last().message
    tasks.mark.enqueue(crew.folder, "after")
    crew.wait_for_mark("after")


def test_a_process_that_stands_still_is_killed_and_its_job_runs_elsewhere(crew):
    crew.start(processes=2, HEARTBEAT_INTERVAL=1, HEARTBEAT_BOUND=5)
    tasks.hold.enqueue(crew.folder, "held")
    stopped = crew.wait_for_mark("held")
    crew.kill(stopped, signal.SIGSTOP)
    assert crew.wait_for_mark("held", times=2, timeout=30) != stopped
    crew.wait(lambda: is_gone(stopped), "the process that stood still to be killed")
    assert f"Worker process {stopped} gave no sign of life" in crew.process.said()
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    crew.wait(lambda: len(crew.pids()) == 2, "a replacement")


def test_when_everything_stood_still_nobody_is_killed(crew):
    crew.start(processes=2, HEARTBEAT_BOUND=3)
    before = crew.pids()
    tasks.hold.enqueue(crew.folder, "held")
    crew.wait_for_mark("held")
    crew.process.signal_group(signal.SIGSTOP)
    wait_until(lambda: all(process_state(pid) == "T" for pid in before), "all to stand still")
    # As long as the bound and more: only time itself can show that it does not count.
    long_enough = time.monotonic() + 5
    wait_until(lambda: time.monotonic() > long_enough, "the bound to pass")
    crew.process.signal_group(signal.SIGCONT)
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    assert crew.pids() == before
    assert len(crew.marks()["held"]) == 1
    assert "is killed" not in crew.process.said()


def test_without_its_supervisor_a_process_hands_back_what_it_holds_and_ends(crew):
    crew.start("--grace 1", processes=2, HEARTBEAT_BOUND=NEVER)
    children = crew.pids()
    tasks.hold.enqueue(crew.folder, "held")
    crew.wait_for_mark("held")
    crew.kill(crew.supervisor)
    crew.wait(lambda: not WorkerProcess.objects.exists(), "the workers to leave")
    wait_until(lambda: all(map(is_gone, children)), "the processes to end")
    job = Job.objects.get()
    assert (job.state, job.attempts, job.rescues, job.interruptions) == (JobState.READY, 0, 0, 1)


def test_what_cannot_be_started_is_tried_again_at_growing_intervals_until_it_can(crew, tmp_path):
    broken = tmp_path / "broken"
    (tmp_path / "breakable.py").write_text(
        "from pathlib import Path\nfrom tests.process_settings import *\n"
        f"if Path({str(broken)!r}).exists():\n    raise RuntimeError('a bad deploy')\n"
    )
    crew.site.env |= {"PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "breakable"}
    crew.start()
    [pid] = crew.pids()
    broken.touch()
    crew.kill(pid)

    def waits() -> list[float]:
        return [float(wait) for wait in re.findall(r"starts in ([\d.]+) s", crew.process.said())]

    crew.wait(lambda: len(waits()) >= 4, "four starts that failed")
    assert all(later > earlier / 2 for earlier, later in pairwise(waits()))
    assert waits()[3] >= 2 > 0.5 >= waits()[0]
    broken.unlink()
    tasks.mark.enqueue(crew.folder, "after")
    assert crew.wait_for_mark("after") != pid


def test_the_supervisor_has_nothing_of_django_in_it_and_is_small(crew):
    crew.start()
    maps = Path(f"/proc/{crew.supervisor}/maps").read_text()
    assert "psycopg" not in maps
    assert "_asyncio" not in maps
    status = Path(f"/proc/{crew.supervisor}/status").read_text()
    assert int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) < 25_000


@pytest.mark.parametrize("everybody", [True, False], ids=["all processes", "the supervisor"])
def test_a_worker_that_is_asked_to_stop_while_it_starts_claims_nothing(crew, everybody):
    tasks.hold.enqueue(crew.folder, "due")
    crew.process = crew.site.launch("python manage.py runworker default --grace 30")
    crew.wait(crew.children, "the worker process to be started")
    if everybody:
        crew.process.signal_group(signal.SIGTERM)
    else:
        crew.kill(crew.supervisor, signal.SIGTERM)
    assert crew.process.wait() == 0
    job = Job.objects.get()
    assert (job.state, job.last_attempted_at) == (JobState.READY, None), crew.process.said()
