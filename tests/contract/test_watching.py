"""Following a job from async code: told by the channel layer, without asking the database over and over."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from tests import tasks
from tests.running_worker import running_worker
from tests.waiting import wait_until
from tests.watched import PATIENCE, begin, report_at_gate
from workers import steering, watching
from workers.compat import TaskResultDoesNotExist
from workers.models import Job, JobState
from workers.testing import drain
from workers.watching import Progress

pytestmark = [pytest.mark.contract, pytest.mark.django_db(transaction=True)]


def is_watched() -> bool:
    return Job.objects.filter(watched=True).exists()


def test_whoever_waits_goes_on_when_the_job_has_ended_and_has_its_result():
    with running_worker() as worker:
        result = tasks.wait_at_gate.enqueue("x")
        waiting = begin(worker, result.wait(PATIENCE))
        wait_until(is_watched, "somebody waits")
        assert not waiting.done()
        tasks.gate.set()
        waiting.result(PATIENCE)
    assert (result.state, result.return_value, result.attempts) == (JobState.SUCCESSFUL, "x", 1)


def test_whoever_has_waited_long_enough_is_told_and_the_job_is_as_it_was():
    with running_worker("send-invite") as worker:
        result = tasks.note.enqueue("x")
        waiting = begin(worker, result.wait(0.1))
        with pytest.raises(TimeoutError):
            waiting.result(PATIENCE)
        assert waiting.done(), "it is the waiting that has timed out, and not this test"
    assert Job.objects.get().state == JobState.READY


def test_of_a_job_that_has_ended_the_result_is_there_at_once():
    result = tasks.echo.enqueue(1)
    drain()
    with running_worker("send-invite") as worker:
        begin(worker, result.wait(PATIENCE)).result(PATIENCE)
    assert result.return_value == [[1], {}]


def test_nobody_waits_for_a_job_that_is_gone():
    result = tasks.echo.enqueue(1)
    Job.objects.all()._raw_delete("default")
    with running_worker("send-invite") as worker, pytest.raises(TaskResultDoesNotExist):
        begin(worker, result.wait(PATIENCE)).result(PATIENCE)


@pytest.mark.parametrize("how", ["cancel", "discard"])
def test_a_job_that_people_end_ends_the_waiting(how):
    with running_worker("send-invite") as worker:
        result = tasks.note.enqueue("x")
        waiting = begin(worker, result.wait(PATIENCE))
        wait_until(is_watched, "somebody waits")
        getattr(steering, how)([result.id], by="ann")
        waiting.result(PATIENCE)
    assert result.state in (JobState.CANCELLED, JobState.DISCARDED)


def test_a_failure_ends_the_waiting_and_tells_its_error():
    with running_worker() as worker:
        result = tasks.fail_three_times.enqueue()
        begin(worker, result.wait(PATIENCE)).result(PATIENCE)
    assert (result.state, len(result.errors)) == (JobState.FAILED, 3)


def test_progress_is_streamed_until_the_end_without_one_query_in_between():
    statements: list[str] = []
    seen: list[tuple[Progress, int]] = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    async def follow(result: Any) -> None:
        # In the thread that asks for this loop.
        await sync_to_async(lambda: connection.execute_wrappers.append(count))()
        try:
            async for progress in result.stream():
                seen.append((progress, len(statements)))
        finally:
            await sync_to_async(lambda: connection.execute_wrappers.remove(count))()

    with running_worker() as worker:
        result = report_at_gate.enqueue()
        wait_until(lambda: tasks.seen, "it has said its first progress")
        following = begin(worker, follow(result))
        wait_until(lambda: seen, "where it stands now")
        tasks.gate.set()
        following.result(PATIENCE)
    assert seen[0][0] == Progress(JobState.RUNNING, 0, 1, 3, "one")
    assert seen[-1][0] == Progress(JobState.SUCCESSFUL, 1, 3, 3, "three")
    assert {count for _, count in seen} == {seen[0][1]}
    assert seen[0][1] > 0, "the statements were counted"
    assert result.return_value == "done"


def test_news_that_is_lost_costs_time_and_nothing_else(monkeypatch):
    monkeypatch.setattr(watching, "SAFETY_INTERVAL", 0.05)
    with running_worker("send-invite") as worker:
        result = tasks.note.enqueue("x")
        waiting = begin(worker, result.wait(PATIENCE))
        wait_until(is_watched, "somebody waits")
        # As a worker whose message the layer dropped.
        Job.objects.update(state=JobState.SUCCESSFUL, finished_at=timezone.now())
        waiting.result(PATIENCE)
    assert result.state == JobState.SUCCESSFUL


def test_whoever_stops_following_leaves_nothing_behind():
    async def first(result: Any) -> set[asyncio.Task[Any]]:
        before = asyncio.all_tasks()
        stream = result.stream()
        await anext(stream)
        await stream.aclose()
        return asyncio.all_tasks() - before

    with running_worker("send-invite") as worker:
        assert begin(worker, first(tasks.note.enqueue("x"))).result(PATIENCE) == set()
