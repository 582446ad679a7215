"""Every way an attempt can end, and what the job and its result say then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import tasks
from workers import compat
from workers.models import AttemptKind, Job, JobState
from workers.testing import drain

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

READY, FAILED, SUCCESSFUL = (
    compat.TaskResultStatus.READY,
    compat.TaskResultStatus.FAILED,
    compat.TaskResultStatus.SUCCESSFUL,
)


def drained(result, **options):
    drain(**options)
    result.refresh()
    return result


def test_a_success_keeps_its_value_and_leaves_no_attempt_row():
    result = drained(tasks.echo.enqueue(1, two=(2,)))
    assert (result.status, result.return_value) == (SUCCESSFUL, [[1], {"two": [2]}])
    assert (result.attempts, result.errors, result.worker_ids) == (1, [], ["drain"])
    assert result.started_at == result.last_attempted_at <= result.finished_at
    assert Job.objects.get().failures.count() == 0


def test_a_value_of_none_is_a_value():
    result = drained(tasks.note.enqueue(1))
    assert result.status == SUCCESSFUL
    assert result.return_value is None


def test_the_context_tells_the_attempt_and_the_result():
    result = tasks.tell_context.enqueue()
    assert drained(result).return_value == [1, result.id]


def test_a_failure_keeps_exception_and_traceback_and_is_not_repeated_by_default():
    result = drained(tasks.fail.enqueue("no way"), scheduled=True)
    assert (result.status, result.attempts) == (FAILED, 1)
    assert result.errors[0].exception_class is ValueError
    assert "ValueError: no way" in result.errors[0].traceback
    assert "in fail" in result.errors[0].traceback
    assert "workers/" not in result.errors[0].traceback, "the runner's own frames only hide the task's"
    with pytest.raises(ValueError, match="failed"):
        _ = result.return_value
    attempt = Job.objects.get().failures.get()
    assert (attempt.kind, attempt.message, attempt.worker_id) == (AttemptKind.FAILED, "no way", "drain")
    assert attempt.started_at <= attempt.ended_at


def test_retries_end_failed_with_one_error_for_each_attempt():
    result = drained(tasks.fail_three_times.enqueue())
    assert (result.status, result.attempts, len(result.errors)) == (FAILED, 3, 3)
    assert result.worker_ids == ["drain"] * 3


def test_a_retry_that_succeeds_keeps_the_errors_before_it():
    result = drained(tasks.succeed_at.enqueue(3))
    assert (result.status, result.return_value, result.attempts) == (SUCCESSFUL, 3, 3)
    assert [error.exception_class for error in result.errors] == [ConnectionError] * 2


def test_a_retry_waits_for_its_backoff():
    result = drained(tasks.fail_and_wait.enqueue())
    assert (result.state, result.status, result.attempts) == (JobState.SCHEDULED, READY, 1)
    job = Job.objects.get()
    assert timedelta(seconds=59) < job.run_after - job.last_attempted_at < timedelta(seconds=70)
    assert drained(result, now=timezone.now() + timedelta(seconds=61)).attempts == 2


def test_a_backoff_of_none_gives_up():
    assert drained(tasks.give_up.enqueue(), scheduled=True).attempts == 1
    assert Job.objects.get().state == JobState.FAILED


def test_retry_says_itself_when():
    result = drained(tasks.retry_after.enqueue(1000))
    job = Job.objects.get()
    assert job.state == JobState.SCHEDULED
    assert timedelta(seconds=999) < job.run_after - job.last_attempted_at < timedelta(seconds=1010)
    assert result.errors[0].exception_class_path == "workers.exceptions.Retry"


def test_retry_after_zero_runs_again_at_once_until_the_attempts_are_spent():
    assert drained(tasks.retry_after.enqueue(0)).attempts == 3


def test_a_snooze_spends_no_attempt_and_leaves_no_error():
    result = drained(tasks.snooze.enqueue(50))
    job = Job.objects.get()
    assert (job.state, job.attempts, job.snoozes) == (JobState.SCHEDULED, 0, 1)
    assert timedelta(seconds=49) < job.run_after - job.last_attempted_at < timedelta(seconds=60)
    assert (result.attempts, result.errors) == (0, [])


def test_drain_ends_although_a_job_snoozes_for_ever():
    tasks.snooze.enqueue(0)
    with pytest.raises(AssertionError, match="work is still due"):
        drain(limit=20)


def test_a_discard_ends_the_job_with_its_reason():
    result = drained(tasks.discard.enqueue("no such user"), scheduled=True)
    assert (result.state, result.status, result.attempts) == (JobState.DISCARDED, FAILED, 1)
    assert Job.objects.get().failures.get().message == "no such user"


@pytest.mark.parametrize(
    ("task", "args", "sentence"),
    [
        (tasks.return_object, (), "the result cannot be stored as JSON"),
        (tasks.return_text, (300_000,), "Store it and pass an id"),
    ],
)
def test_a_result_that_cannot_be_kept_fails_the_job_and_says_so(task, args, sentence):
    result = drained(task.enqueue(*args))
    assert result.status == FAILED
    assert sentence in result.errors[0].traceback


def test_a_task_that_calls_exit_fails_and_takes_nothing_along():
    exits, echoes = tasks.exit_process.enqueue(), tasks.echo.enqueue()
    assert drained(exits).errors[0].exception_class is SystemExit
    echoes.refresh()
    assert echoes.status == SUCCESSFUL


def test_wrong_arguments_are_a_failure_of_the_job():
    assert drained(tasks.fail.enqueue(nonsense=1)).errors[0].exception_class is TypeError


def test_an_exception_whose_text_fails_or_holds_nul_is_kept_readably():
    result = drained(tasks.fail.enqueue("a\\x00b"))
    assert result.status == FAILED
    nul = drained(tasks.fail_with_nul.enqueue())
    assert "a\\x00b" in nul.errors[0].traceback
    assert drained(tasks.fail_without_words.enqueue()).errors[0].exception_class is tasks.Wordless


def test_the_finished_signal_comes_once_with_the_exception_current():
    import sys

    heard = []

    def receive(sender, task_result, **kwargs):
        heard.append((sender.__name__, task_result.id, task_result.status, sys.exc_info()[0]))

    compat.task_finished.connect(receive)
    try:
        result = drained(tasks.fail_three_times.enqueue())
        good = drained(tasks.echo.enqueue())
    finally:
        compat.task_finished.disconnect(receive)
    assert heard == [
        ("ChannelsBackend", result.id, FAILED, ValueError),
        ("ChannelsBackend", good.id, SUCCESSFUL, None),
    ]


def test_the_finished_signals_result_is_the_one_that_is_stored(heard):
    results = [
        drained(tasks.succeed_at.enqueue(2)),
        drained(tasks.fail.enqueue()),
        drained(tasks.discard.enqueue("x")),
    ]
    assert heard == results


def test_a_failing_receiver_hurts_nobody(caplog):
    def receive(**kwargs):
        raise RuntimeError("receiver")

    for signal in (compat.task_started, compat.task_finished):
        signal.connect(receive)
    try:
        assert drained(tasks.echo.enqueue()).status == SUCCESSFUL
    finally:
        for signal in (compat.task_started, compat.task_finished):
            signal.disconnect(receive)
    assert "receiver" in caplog.text


def test_better_priority_runs_first_then_who_was_due_first_then_who_came_first():
    soon = timezone.now() + timedelta(seconds=5)
    tasks.note.using(priority=-5).enqueue("low")
    tasks.note.enqueue("first")
    tasks.note.enqueue("second")
    tasks.note.using(priority=5).enqueue("high")
    tasks.note.using(run_after=soon).enqueue("later")
    tasks.note.using(run_after=soon, priority=9).enqueue("later, but high")
    drain(now=soon + timedelta(seconds=1))
    assert tasks.seen[0] == "later, but high"
    assert [value for value in tasks.seen if value != "later"] == ["later, but high", "high", "first", "second", "low"]
    assert tasks.seen.index("later") > tasks.seen.index("high")


def test_raise_errors_raises_after_recording():
    result = tasks.fail.enqueue("loud")
    with pytest.raises(ValueError, match="loud"):
        drain(raise_errors=True)
    result.refresh()
    assert result.status == FAILED


class TestUnknownTask:
    """A job whose task no release knows waits for a deploy, unburnt, and in the end fails with the cure."""

    @pytest.fixture
    def job(self):
        return Job.objects.create(task="tests.tasks.gone")

    def test_it_waits_and_spends_nothing(self, job):
        drain()
        job.refresh_from_db()
        assert (job.state, job.attempts, job.rescues) == (JobState.SCHEDULED, 0, 0)
        assert job.failures.get().kind == AttemptKind.UNKNOWN_TASK

    def test_it_fails_when_the_patience_has_run_out(self, job, options):
        options(UNKNOWN_TASK_PATIENCE=0.01)
        drain(scheduled=True)
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert "@task(aliases=" in job.failures.last().message

    def test_it_can_still_be_read(self, job):
        result = compat.task_backends["default"].get_result(str(job.id))
        assert result.task.module_path == "tests.tasks.gone"

    def test_a_job_whose_queue_left_the_settings_is_still_its_tasks(self):
        job = Job.objects.create(task="tests.tasks.echo", queue="closed-down")
        assert tasks.echo.get_result(str(job.id)).task.queue_name == "closed-down"

    def test_an_alias_finds_it_after_a_rename(self):
        job = Job.objects.create(task="tests.tasks.old_name", args=["renamed"])
        drain()
        job.refresh_from_db()
        assert (job.state, tasks.seen) == (JobState.SUCCESSFUL, ["renamed"])
