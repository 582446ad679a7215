"""What a worker writes into its log: a line for each attempt, a traceback for each failure, and no more."""

import logging

import pytest

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from workers.models import Job

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lines(caplog):
    """``lines(result)``: the records above DEBUG that name the job."""
    caplog.set_level(logging.DEBUG, "workers")

    def of(result):
        return [
            record
            for record in caplog.records
            if record.levelno > logging.DEBUG and result.id in record.getMessage() + str(getattr(record, "job_id", ""))
        ]

    return of


def test_a_success_is_one_line_without_a_traceback(finished, lines):
    with running_worker():
        result = tasks.echo.enqueue()
        finished(result)
    [line] = lines(result)
    assert (line.levelname, line.exc_info) == ("INFO", None)
    assert line.getMessage() == f"tests.tasks.echo {result.id} successful at attempt 1"
    assert (line.queue, line.task) == ("default", "tests.tasks.echo")


def test_each_attempt_is_one_line_and_each_failure_one_traceback(finished, lines):
    with running_worker():
        result = tasks.fail_three_times.enqueue()
        finished(result)
    found = lines(result)
    assert [line.levelname for line in found] == ["WARNING", "WARNING", "ERROR"]
    assert [line.exc_info[0] for line in found] == [ValueError] * 3


def test_every_tenth_snooze_is_warned_about_and_the_others_are_not(options, lines):
    options(POLL_INTERVAL=0.05)
    with running_worker():
        result = tasks.snooze.enqueue(0)
        wait_until(lambda: Job.objects.get().snoozes >= 12, "it snoozes and snoozes")
    warned = [line.getMessage() for line in lines(result) if line.levelno == logging.WARNING]
    assert "(10 snoozes, 0 interruptions)" in warned[0]
    assert len(warned) == Job.objects.get().snoozes // 10
