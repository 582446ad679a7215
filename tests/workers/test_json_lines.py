"""One JSON object per line, with what is known of the job."""

import io
import json
import logging
import sys
from datetime import UTC, datetime

import pytest

from workers.current import JobFilter, current_job
from workers.json_lines import JsonLines, writes_json
from workers.logs import LineHandler, lines_together
from workers.models import Job

JOB = Job(task="tests.tasks.echo", queue="default", attempts=2)


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def logger(stream):
    logger = logging.Logger("some.library")
    handler = LineHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(JobFilter())
    logger.addHandler(handler)
    return logger


@pytest.fixture
def lines(stream):
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def in_a_job():
    token = current_job.set(JOB)
    yield
    current_job.reset(token)


def test_a_line_holds_time_level_logger_and_message_and_nothing_that_is_not_known(logger, lines):
    before = datetime.now(UTC)
    logger.warning("%d pictures", 3)
    [line] = lines()
    time = datetime.fromisoformat(line.pop("time"))
    assert time.utcoffset().total_seconds() == 0
    assert abs(time - before).total_seconds() < 60
    assert line == {"level": "WARNING", "logger": "some.library", "message": "3 pictures"}


def test_a_line_of_a_job_names_it(logger, lines, in_a_job):
    logger.info("rendering")
    [line] = lines()
    told = {name: line[name] for name in ("job_id", "task", "queue", "attempt")}
    assert told == {"job_id": str(JOB.id), "task": JOB.task, "queue": "default", "attempt": 3}


def test_what_the_line_itself_says_of_its_job_goes_before(logger, lines, in_a_job):
    logger.info("another one", extra={"job_id": "other"})
    assert lines()[0]["job_id"] == "other"


def test_a_traceback_is_one_value(logger, lines):
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logger.exception("failed", stack_info=True)
    [line] = lines()
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: first\nsecond")
    assert "test_a_traceback_is_one_value" in line["stack"]


@pytest.mark.parametrize("text", ["two\nlines", "\u2028 separates", "\ud800 alone", "\x1b[31m red", '"quoted" \\'])
def test_nothing_that_is_said_breaks_its_line_or_the_terminal(logger, lines, stream, text):
    logger.warning(text)
    assert lines()[0]["message"] == text
    assert stream.getvalue().isascii()
    assert stream.getvalue().rstrip("\n").isprintable()


def test_what_libraries_put_into_extra_is_not_told(logger, stream):
    logger.warning("Forbidden", extra={"request": "with its cookies", "status_code": 403})
    assert "cookies" not in stream.getvalue()


def test_the_lines_of_a_batch_stay_lines(logger, lines):
    with lines_together():
        logger.warning("one")
        logger.warning("two")
    assert [line["message"] for line in lines()] == ["one", "two"]


def test_it_is_known_whether_a_logger_writes_such_lines(logger):
    child = logging.Logger("below")
    child.parent = logger
    assert writes_json(child)
    child.propagate = False
    assert not writes_json(child)
    child.addHandler(logging.StreamHandler(sys.stderr))
    assert not writes_json(child)
