"""The connection breaks at a COMMIT: whether or not it landed, no job is lost, run twice, or counted twice."""

from urllib.parse import urlsplit

import pytest

from tests.postgres_proxy import Moment, PostgresProxy
from tests.processes import tasks
from tests.processes.crew import Crew
from workers import enqueue_many
from workers.models import Attempt, Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

NEVER = 600
"""No heartbeat is missed in the test's life, so that no rescue can hide an orphan."""
CLAIM = ("EXECUTE workers_claim",)
OUTCOME = ("UPDATE workers_job", "unnest(")


@pytest.fixture
def proxy(site):
    address = urlsplit(site.database_url)
    proxy = PostgresProxy(address.port)
    site.env["DATABASE_URL"] = site.database_url.replace(f":{address.port}/", f":{proxy.port}/")
    yield proxy
    proxy.close()


@pytest.fixture
def working(crew: Crew, proxy) -> Crew:
    """A worker that has done a first job."""
    crew.start(HEARTBEAT_BOUND=NEVER)
    tasks.mark.enqueue(crew.folder, "first")
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    return crew


def counts():
    return set(Job.objects.values_list("attempts", "rescues", "interruptions", "snoozes"))


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("statement", [CLAIM, OUTCOME], ids=["claim", "outcome"])
def test_every_job_runs_once_and_is_told_once(working, proxy, statement, moment):
    proxy.break_at(moment, *statement)
    enqueue_many(tasks.mark, [((working.folder, f"job-{number}"), {}) for number in range(3)])
    working.wait_for_state(JobState.SUCCESSFUL, 4)
    assert proxy.broken == 1
    assert {name: len(pids) for name, pids in working.marks().items()} == dict.fromkeys(working.marks(), 1)
    assert len(working.marks()) == 4
    assert counts() == {(1, 0, 0, 0)}
    log = working.process.said()
    working.wait(lambda: working.process.said().count("successful at attempt 1") == 4, "each end to be told")
    assert "lost its lease" not in log
    assert len(working.pids()) == 1, "the worker outlives it"


@pytest.mark.parametrize("moment", Moment)
def test_a_failed_attempt_is_counted_once_and_tried_again(working, proxy, moment):
    proxy.break_at(moment, *OUTCOME)
    tasks.fail_at_first.enqueue(working.folder, "try")
    working.wait_for_state(JobState.SUCCESSFUL, 2)
    assert proxy.broken == 1
    assert [len(working.marks()[name]) for name in ("try-1", "try-2")] == [1, 1]
    assert Attempt.objects.count() == 1
    assert Job.objects.get(task__endswith="fail_at_first").attempts == 2
