"""Pausing a queue reaches every worker process: within a second nobody takes its jobs, and resuming wakes them."""

from datetime import timedelta

import pytest

from tests.processes import tasks
from workers import enqueue_many, steering
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

STREAM, FENCES = 400, 8


def of_queue(queue: str, *states: JobState) -> int:
    return Job.objects.filter(queue=queue, state__in=states).count()


def begin_a_stream(crew):
    """Two workers in the middle of many short jobs."""
    crew.start("thumbnailer --concurrency 2", processes=2)
    enqueue_many(tasks.nap, [((crew.folder,), {})] * STREAM)
    crew.wait(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).values("worker_id").distinct().count() == 2, "both")


def test_all_workers_obey_within_a_second_and_go_on_when_it_is_resumed(crew):
    begin_a_stream(crew)
    pause = steering.pause("default", by="ann")
    crew.wait(lambda: not of_queue("default", JobState.RUNNING), "what runs to be finished, the rest to go back")
    waiting = of_queue("default", JobState.READY)
    assert 0 < waiting < STREAM

    # The other queue goes on in both processes, and with that each of them claims again and again.
    fences = enqueue_many(tasks.nap.using(queue_name="thumbnailer"), [((crew.folder,), {})] * FENCES)
    crew.wait(lambda: of_queue("thumbnailer", JobState.SUCCESSFUL) == len(fences), "the other queue's jobs")
    assert of_queue("default", JobState.READY) == waiting
    claimed_at = Job.objects.filter(queue="default").exclude(state=JobState.READY).values_list("last_attempted_at")
    assert max(claimed_at)[0] < pause.paused_at + timedelta(seconds=1)

    steering.resume("default")
    crew.wait(lambda: of_queue("default", JobState.SUCCESSFUL) == STREAM, "the rest", 60)
    assert WorkerProcess.objects.count() == 2
    assert not Attempt.objects.exists()
    assert len(crew.marks()["nap"]) == STREAM + FENCES


def test_the_command_line_pauses_what_runs_elsewhere(crew):
    crew.start("thumbnailer --concurrency 1", processes=2)
    enqueue_many(tasks.hold, [((crew.folder, "held"), {})] * 2)
    crew.wait_for_mark("held", 2)
    enqueue_many(tasks.nap, [((crew.folder,), {})] * 4)
    crew.site.run("python manage.py pausequeue default")
    crew.let_go()
    crew.wait_for_mark("held-done", 2)
    enqueue_many(tasks.mark.using(queue_name="thumbnailer"), [((crew.folder, "fence"), {})] * 4)
    crew.wait_for_mark("fence", 4)
    assert of_queue("default", JobState.READY) == 4
    crew.site.run("python manage.py resumequeue default")
    crew.wait_for_mark("nap", 4)
