"""The operator's view of jobs: what the list and the page tell, and what they spare the database."""

import json
import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from tests import tasks
from tests.workers.operating import JOBS, a_worker, enqueue, job_page
from workers import steering
from workers.admin.looking import CappedPaginator
from workers.admin.rendering import spelled
from workers.models import Attempt, AttemptKind, Job, JobState
from workers.testing import drain

pytestmark = pytest.mark.django_db


def test_the_list_tells_what_each_job_is_and_how_it_stands(admin_client):
    enqueue(tasks.fail_three_times)
    drain()
    text = admin_client.get(JOBS).text
    for expected in (
        "tests.tasks.fail_three_times",
        "default",
        "state-bad",
        "failed",
        "3 of 3",
        " s</td>",
        timezone.localtime().strftime("%Y-%m-%d "),
    ):
        assert expected in text


def test_a_retry_by_hand_is_not_shown_as_more_attempts_than_allowed(admin_client):
    job_id = enqueue(tasks.fail)
    drain()
    steering.retry([job_id])
    drain()
    assert "2 of 2" in admin_client.get(JOBS).text


def test_a_job_whose_task_is_gone_is_listed_and_shown(admin_client):
    job_id = enqueue()
    Job.objects.update(task="gone.away")
    assert "gone.away" in admin_client.get(JOBS).text
    assert "gone.away" in admin_client.get(job_page(job_id)).text


def test_a_jobs_page_shows_arguments_result_and_each_attempt_escaped(admin_client):
    job_id = enqueue(tasks.echo, "<b>", word="grüße")
    failed_id = enqueue(tasks.fail, "<script>alert(1)</script>")
    drain()
    text = admin_client.get(job_page(job_id)).text
    assert "&lt;b&gt;" in text
    assert "grüße" in text
    assert "<b>," not in text
    failed = admin_client.get(job_page(failed_id)).text
    assert "builtins.ValueError" in failed
    assert "Traceback (most recent call last)" in failed
    assert "&lt;script&gt;" in failed
    assert "<script>alert" not in failed


def test_a_jobs_page_shows_rescues_and_who_ended_it(admin_client):
    job_id = enqueue(tasks.snooze, 60)
    steering.cancel([job_id], "grace")
    Attempt.objects.create(job_id=job_id, kind=AttemptKind.WORKER_LOST, worker_id="host-7", exception_class_path="x.Y")
    text = admin_client.get(job_page(job_id)).text
    for expected in ("cancelled by grace", "worker lost", "host-7", "state-quiet"):
        assert expected in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ((3, 10, "pages <b>"), "3 of 10: pages &lt;b&gt;"),
        ((0.5, None, ""), "0.5"),
        ((0, 7, ""), "0 of 7"),
    ],
)
def test_a_jobs_page_shows_how_far_it_is(admin_client, given, shown):
    job_id = enqueue(tasks.say_progress, *given)
    drain()
    page = admin_client.get(job_page(job_id)).text
    assert re.search(rf'field-progress_told.*?<div class="readonly">{re.escape(shown)}</div>', page, re.DOTALL)


def test_a_job_links_to_the_worker_that_is_there(admin_client):
    worker = a_worker("host_1-abcd")
    job_id = enqueue()
    Job.objects.update(worker_id=worker.id, state=JobState.RUNNING, last_attempted_at=Now())
    url = reverse("admin:workers_workerprocess_change", args=[worker.id])
    assert url in admin_client.get(job_page(job_id)).text
    assert admin_client.get(url).status_code == 200
    worker.delete()
    text = admin_client.get(job_page(job_id)).text
    assert url not in text
    assert "host_1-abcd" in text


def test_the_list_reads_neither_arguments_nor_results(admin_client, django_assert_max_num_queries):
    for _ in range(5):
        enqueue(tasks.echo, "x" * 50)
    with django_assert_max_num_queries(12) as queries:
        admin_client.get(JOBS)
    listing = [query["sql"] for query in queries if 'ORDER BY "workers_job"."id" DESC' in query["sql"]]
    assert listing
    assert not any('"workers_job"."args"' in sql or "return_value" in sql for sql in listing)


def test_counting_stops_at_the_cap_and_says_so(admin_client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "cap", 3)
    for _ in range(4):
        enqueue()
    response = admin_client.get(JOBS)
    assert response.context["cl"].result_count == 3
    assert "These are the newest" in response.text


def test_a_page_beyond_the_first_can_be_turned_to(admin_client):
    for _ in range(51):
        enqueue()
    assert len(admin_client.get(JOBS, {"p": 2}).context["cl"].result_list) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.00 s"), (0.25, "0.25 s"), (42, "42 s"), (185, "3 min 5 s"), (7440, "2 h 4 min"), (273600, "3 d 4 h")],
)
def test_times_are_spelled_in_two_units(seconds, text):
    assert spelled(timedelta(seconds=seconds)) == text


def test_values_of_every_kind_are_shown(admin_client):
    for value in (None, [], {"a": [1, "ü"]}, "text", 0, False):
        job_id = enqueue(tasks.echo, value)
        drain()
        assert json.dumps(value, ensure_ascii=False)[0] in admin_client.get(job_page(job_id)).text
