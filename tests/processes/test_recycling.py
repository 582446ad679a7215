"""A process that has done enough, or has grown too large, makes room for a fresh one; nothing is lost or done twice."""

import re
from collections import Counter

import pytest

from tests.processes import tasks
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]


def test_after_max_jobs_a_process_is_replaced_and_every_job_is_done_once(crew):
    crew.start("--max-jobs 20", processes=2, POLL_INTERVAL=0.2)
    for number in range(120):
        tasks.mark.enqueue(crew.folder, f"job-{number}")
    crew.wait_for_state(JobState.SUCCESSFUL, 120, timeout=60)
    crew.wait(lambda: "makes room for a fresh one" in crew.process.said(), "a process to be recycled")
    tasks.mark.enqueue(crew.folder, "after")
    crew.wait_for_state(JobState.SUCCESSFUL, 121)
    marks = crew.marks()
    assert {name: len(pids) for name, pids in marks.items()} == dict.fromkeys(marks, 1)
    assert len(marks) == 121
    done_by = Counter(pid for pids in marks.values() for pid in pids)
    assert max(done_by.values()) <= 20, "jobs that are claimed ahead count too"
    assert not Job.objects.exclude(attempts=1, rescues=0, interruptions=0).exists()
    crew.wait(lambda: "jobs, of at most" in crew.process.said(), "the reason")
    assert "ended with exit code" not in crew.process.said(), "a process that goes as announced is no accident"


def test_a_recycled_process_finishes_what_it_holds_while_its_successor_works(crew):
    crew.start("--max-jobs 1 --concurrency 2 --grace 0")
    tasks.hold.enqueue(crew.folder, "long")
    old = crew.wait_for_mark("long")
    tasks.mark.enqueue(crew.folder, "short")
    crew.wait_for_mark("short")
    crew.wait(lambda: "makes room for a fresh one" in crew.process.said(), "it to be recycled")
    tasks.mark.enqueue(crew.folder, "next")
    assert crew.wait_for_mark("next") != old
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 3)
    assert crew.marks()["long-done"] == [old]
    crew.wait(lambda: old not in crew.pids(), "the old process to leave")


def test_a_process_that_has_grown_is_replaced(crew):
    crew.start("--max-memory 300")
    tasks.grow.enqueue(crew.folder, "grown", 250)
    old = crew.wait_for_mark("grown")
    crew.wait(lambda: old not in crew.pids() and crew.pids(), "the successor alone")
    assert re.search(r"it holds \d+ MB of memory, more than \d+", crew.process.said())
    tasks.mark.enqueue(crew.folder, "after")
    assert crew.wait_for_mark("after") != old
    crew.wait_for_state(JobState.SUCCESSFUL, 2)
