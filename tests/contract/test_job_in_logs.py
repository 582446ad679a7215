"""Whatever is logged for a job says which one, whichever logger a task uses."""

import io
import json
import logging

import pytest

from tests.running_worker import running_worker
from tests.workers import talkative
from workers.current import JobFilter
from workers.json_lines import JsonLines
from workers.logs import LineHandler

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lines():
    """``lines(text)``: what was logged with these words in its message."""
    stream = io.StringIO()
    handler = LineHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(JobFilter())
    loggers = [logging.getLogger(name) for name in ("workers", "some.library")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda text: [line for line in map(json.loads, stream.getvalue().splitlines()) if text in line["message"]]
    for logger in loggers:
        logger.removeHandler(handler)


def job_of(line):
    return line["job_id"], line["task"], line["queue"], line["attempt"]


def test_a_task_s_own_lines_name_its_job_and_attempt(finished, lines):
    with running_worker():
        first, second = talkative.say.enqueue("rendering one"), talkative.say.enqueue("rendering two")
        for result in (first, second):
            finished(result)
    for result, text in ((first, "rendering one"), (second, "rendering two")):
        path = talkative.say.module_path
        assert [job_of(line) for line in lines(text)] == [(result.id, path, "default", n) for n in (1, 2)]


def test_so_do_a_coroutine_s_and_those_of_the_threads_it_awaits(finished, lines):
    with running_worker():
        result = talkative.asay.enqueue("rendering")
        finished(result)
    found = lines("rendering")
    assert [line["message"] for line in found] == ["rendering", "rendering in a thread"]
    assert {job_of(line) for line in found} == {(result.id, talkative.asay.module_path, "default", 1)}


def test_so_do_the_worker_s_lines_of_each_attempt(finished, lines):
    with running_worker():
        result = talkative.say.enqueue("rendering")
        finished(result)
    found = [line for line in lines(result.id) if line["level"] != "DEBUG"]
    assert [job_of(line)[::3] for line in found] == [(result.id, 1), (result.id, 2)]
    assert "ConnectionError" in found[0]["exception"]


def test_what_is_logged_for_no_job_names_none(lines):
    with running_worker():
        logging.getLogger("some.library").warning("for nobody")
    [line] = lines("for nobody")
    assert set(line) == {"time", "level", "logger", "message"}
