"""A job's page tells its whole life in the order in which it happened."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests import tasks
from tests.workers.operating import enqueue, job_page
from workers import steering
from workers.admin import jobs
from workers.admin.life import life_of
from workers.models import Attempt, AttemptKind, Job, JobState, QueuePause
from workers.testing import drain

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def a_job(**fields) -> Job:
    return Job(**{"task": "t", "enqueued_at": at(0), "run_after": at(0), "worker_id": "w2"} | fields)


def an_attempt(start: float | None, end: float, kind=AttemptKind.FAILED, **fields) -> Attempt:
    started_at = None if start is None else at(start)
    return Attempt(kind=kind, started_at=started_at, ended_at=at(end), worker_id="w1" if started_at else "", **fields)


def told(job, *attempts, pause=None):
    return [(moment.at, moment.title, moment.said) for moment in life_of(job, attempts, pause)]


def test_a_job_that_succeeded_at_the_second_attempt():
    job = a_job(state=JobState.SUCCESSFUL, started_at=at(1), last_attempted_at=at(5), finished_at=at(6))
    failed = an_attempt(1, 2, exception_class_path="builtins.ValueError", message="no")
    assert told(job, failed) == [
        (at(0), "enqueued", "on default"),
        (at(1), "first start", "by worker w1"),
        (at(2), "attempt failed after 1 min 0 s on w1", "builtins.ValueError: no"),
        (at(5), "latest start", "by worker w2"),
        (at(6), "successful", ""),
    ]


def test_a_job_with_every_kind_of_trouble():
    job = a_job(
        state=JobState.CANCELLED,
        requested_run_after=at(1),
        started_at=at(2),
        last_attempted_at=at(4),
        finished_at=at(9),
        snoozes=3,
        interruptions=1,
    )
    lost = an_attempt(2, 3, AttemptKind.WORKER_LOST)
    unknown = an_attempt(4, 5, AttemptKind.UNKNOWN_TASK)
    cancelled = an_attempt(None, 9, AttemptKind.CANCELLED, message="cancelled by ann")
    assert [title for _, title, _ in told(job, lost, unknown, cancelled)] == [
        "enqueued",
        "not before, as asked",
        "first start",
        "worker lost after 1 min 0 s on w1",
        "task not known there after 1 min 0 s on w1",
        "cancelled",
        "snoozed 3 times",
        "interrupted by a shutdown once",
        "cancelled",
    ]


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"state": JobState.READY}, (None, "ready", "")),
        ({"state": JobState.SCHEDULED, "run_after": at(60)}, (at(60), "next start, not before", "")),
        ({"state": JobState.RUNNING}, (None, "running", "")),
        (
            {"state": JobState.RUNNING, "cancel_requested_by": "ann"},
            (None, "called off by ann; the task has yet to notice", ""),
        ),
    ],
)
def test_what_has_not_ended_says_what_is_awaited(fields, last):
    assert told(a_job(**fields))[-1] == last


@pytest.mark.parametrize(("state", "waits"), [(JobState.READY, True), (JobState.RUNNING, False)])
def test_a_pause_is_told_where_it_matters(state, waits):
    titles = [title for _, title, _ in told(a_job(state=state), pause=QueuePause(paused_by="ann"))]
    assert ("its queue is paused by ann" in titles) == waits


@pytest.mark.django_db
def test_the_page_shows_each_attempts_traceback_folded_and_escaped(admin_client):
    job_id = enqueue(tasks.fail, "<script>alert(1)</script>")
    drain()
    steering.retry([job_id])
    drain()
    life = re.search(r'<ol class="life">.*?</ol>', admin_client.get(job_page(job_id)).text, re.DOTALL).group()
    assert life.count("<details><summary>Traceback</summary><pre>Traceback (most recent call last)") == 2
    assert life.count("attempt failed after") == 2
    assert "&lt;script&gt;" in life
    assert "<script>" not in life
    in_order = [life.index(title) for title in ("enqueued", "first start", "attempt failed", ">failed</span>")]
    assert in_order == sorted(in_order)


@pytest.mark.django_db
def test_of_very_many_attempts_the_latest_are_shown(admin_client, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_ATTEMPTS", 2)
    job_id = enqueue()
    Attempt.objects.bulk_create(Attempt(job_id=job_id, message=f"attempt-{number}") for number in range(3))
    text = admin_client.get(job_page(job_id)).text
    assert "attempt-0" not in text
    assert text.index("attempt-1") < text.index("attempt-2")
