"""A worker at work: real threads, the real channel layer, the real database."""

import pytest
from django.db import transaction

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Job, JobState

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def test_a_committed_job_runs_and_its_result_is_kept(finished):
    with running_worker() as worker:
        result = finished(tasks.echo.enqueue(1, two=[3]))
        assert result.return_value == [[1], {"two": [3]}]
        assert (result.attempts, result.worker_ids) == (1, [worker.id])


def test_an_async_task_runs_and_may_use_the_database(finished):
    with running_worker():
        assert finished(tasks.aecho.enqueue("x")).return_value == [["x"], {}]
        assert finished(tasks.count_jobs.enqueue()).return_value == 2


def test_a_job_enqueued_in_a_transaction_that_rolls_back_never_runs(finished):
    with running_worker():
        with pytest.raises(RuntimeError), transaction.atomic():
            tasks.note.enqueue("rolled back")
            raise RuntimeError
        finished(tasks.note.enqueue("committed"))
    assert tasks.seen == ["committed"]


def test_jobs_run_several_at_once(finished):
    with running_worker(concurrency=4):
        results = [tasks.meet.enqueue() for _ in range(4)]
        assert {finished(result).return_value for result in results} == {0, 1, 2, 3}


def test_a_busy_worker_claims_no_more_than_it_has_slots(finished):
    with running_worker(concurrency=2):
        results = [tasks.wait_at_gate.enqueue(number) for number in range(5)]
        wait_until(lambda: len(tasks.seen) == 2, "both slots are busy")
        assert Job.objects.filter(state=JobState.READY).count() == 3
        tasks.gate.set()
        for result in results:
            finished(result)
    assert sorted(tasks.seen) == [0, 1, 2, 3, 4]


def test_a_hundred_jobs_run_once_each():
    with running_worker():
        for number in range(100):
            tasks.note.enqueue(number)
        wait_until(lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == 100, "all have run")
    assert sorted(tasks.seen) == list(range(100))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_serves_only_the_queues_it_was_given(finished):
    with running_worker("send-invite"):
        other = tasks.note.using(queue_name="thumbnailer").enqueue("other")
        finished(tasks.note.using(queue_name="send-invite").enqueue("mine"))
    other.refresh()
    assert (tasks.seen, other.state) == (["mine"], JobState.READY)


def test_no_queue_starves_another(finished):
    busy = [tasks.note.using(queue_name="send-invite", priority=100).enqueue("busy") for _ in range(30)]
    quiet = tasks.note.using(queue_name="thumbnailer").enqueue("quiet")
    with running_worker("send-invite", "thumbnailer", concurrency=1):
        for result in [*busy, quiet]:
            finished(result)
    assert tasks.seen.index("quiet") <= 2


def test_a_scheduled_job_runs_when_it_falls_due_and_not_at_the_next_poll(finished, options):
    from datetime import timedelta

    from django.utils import timezone

    options(POLL_INTERVAL=60)
    with running_worker():
        finished(tasks.note.enqueue("warm"))
        due = timezone.now() + timedelta(seconds=1)
        later = finished(tasks.note.using(run_after=due).enqueue("later"), timeout=8)
    assert timedelta(seconds=-0.05) < later.started_at - due < timedelta(seconds=3)


def test_a_retry_runs_again_in_the_worker(finished):
    with running_worker():
        assert finished(tasks.succeed_at.enqueue(3)).return_value == 3


def test_a_task_that_outlives_its_timeout_is_stopped(finished):
    with running_worker():
        sync, coroutine = finished(tasks.sleep_too_long.enqueue()), finished(tasks.asleep_too_long.enqueue())
    for result in (sync, coroutine):
        assert result.errors[0].exception_class_path == "workers.exceptions.TaskTimeout"
        assert "timeout of 0.2 s" in result.errors[0].traceback
    assert "sleep_too_long" in sync.errors[0].traceback, "it tells where the task was"


def test_nothing_of_one_job_reaches_the_next(finished, caplog):
    with running_worker(concurrency=1):
        finished(tasks.leave_a_mess.enqueue())
        assert finished(tasks.look_around.enqueue()).return_value == ["en", "UTC", True]
    assert "left a transaction open" in caplog.text


def test_a_task_that_calls_exit_ends_neither_slot_nor_worker(finished):
    with running_worker(concurrency=1):
        finished(tasks.exit_process.enqueue())
        finished(tasks.note.enqueue("after"))
    assert tasks.seen == ["after"]
