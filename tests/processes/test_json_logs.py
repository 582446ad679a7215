"""With LOG_FORMAT=json every line of a worker and its supervisor is a JSON object."""

import json

import pytest

from tests.processes import tasks
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]


def test_every_line_of_runworker_is_json(crew, site):
    site.env["LOG_FORMAT"] = "json"
    crew.start()
    [pid] = crew.pids()
    crew.kill(pid)
    crew.wait(lambda: crew.pids() not in ({pid}, set()), "a replacement")
    tasks.fail_at_first.enqueue(crew.folder, "job")
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    job = Job.objects.get()
    crew.wait(lambda: "successful at attempt 2" in crew.process.said(), "its line")
    lines = [json.loads(line) for line in crew.process.said().splitlines()]
    assert all(line.keys() >= {"time", "level", "logger", "message"} for line in lines)
    assert {line["time"][-6:] for line in lines} == {"+00:00"}
    supervisor = [line["message"] for line in lines if line["logger"] == "workers.supervisor"]
    assert any(f"Worker process {pid} was ended by SIGKILL" in text for text in supervisor)
    told = [line for line in lines if line.get("job_id") == str(job.id)]
    assert [(line["attempt"], "exception" in line) for line in told] == [(1, True), (2, False)]
    assert {(line["task"], line["queue"]) for line in told} == {(job.task, "default")}
