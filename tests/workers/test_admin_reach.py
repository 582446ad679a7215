"""Filters of the list of jobs reach as far as an index does, and otherwise a known number of jobs at a time."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import tasks
from tests.workers.operating import JOBS, enqueue, in_state
from workers import steering
from workers.models import Attempt, AttemptKind, Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _five_at_a_time(monkeypatch):
    monkeypatch.setattr("workers.admin.newest_first.LOOKED_THROUGH", 5)


def listed(client, **query) -> list[UUID]:
    return [job.id for job in client.get(JOBS, query).context["cl"].result_list]


def look_among_older(client, page: str) -> str:
    link = re.search(r'<a href="([^"]*)">Look among older ones</a>', client.get(page).text)
    assert link, "the page leads to older jobs"
    return JOBS + link[1].replace("&amp;", "&")


def test_without_a_filter_nothing_is_left_out(admin_client):
    ids = [enqueue() for _ in range(7)]
    assert listed(admin_client) == ids[::-1]


def test_a_filter_looks_through_the_newest_and_then_through_older_ones(admin_client):
    seldom = enqueue(tasks.echo.using(queue_name="thumbnailer"))
    for _ in range(10):
        enqueue()
    page = f"{JOBS}?queue=thumbnailer"
    for left in (1, 1, 0):
        assert bool(left) == ("Look among older ones" in admin_client.get(page).text)
        found = [job.id for job in admin_client.get(page).context["cl"].result_list]
        assert found == ([] if left else [seldom])
        if left:
            page = look_among_older(admin_client, page)
            assert "queue=thumbnailer" in page


def test_no_job_is_passed_over_between_one_page_and_the_next(admin_client):
    ids = [enqueue() for _ in range(12)]
    page, found = f"{JOBS}?queue=default", []
    for _ in range(3):
        response = admin_client.get(page)
        found += [job.id for job in response.context["cl"].result_list]
        page = JOBS + response.context["cl"].older
    assert found == ids[::-1]


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED, JobState.RUNNING])
def test_jobs_that_wait_or_run_are_found_however_old(admin_client, state):
    old = in_state(state)
    for _ in range(6):
        in_state(JobState.SUCCESSFUL)
    assert listed(admin_client, state__exact=state) == [old]


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED])
def test_many_that_wait_are_looked_for_as_others_are(admin_client, monkeypatch, state):
    monkeypatch.setattr("workers.admin.newest_first.FEW", 2)
    ids = [in_state(state) for _ in range(7)]
    response = admin_client.get(JOBS, {"state__exact": state})
    assert [job.id for job in response.context["cl"].result_list] == ids[:1:-1]
    assert "Look among older ones" in response.text


@pytest.mark.parametrize("end", [steering.discard, steering.cancel])
def test_jobs_that_people_ended_are_found_however_old(admin_client, end):
    old = enqueue()
    end([old], "grace")
    for _ in range(6):
        in_state(JobState.SUCCESSFUL)
    assert listed(admin_client, state__exact=Job.objects.get(id=old).state) == [old]


def test_failed_jobs_are_found_however_old_and_each_once(admin_client):
    old = in_state(JobState.FAILED)
    for _ in range(3):
        Attempt.objects.create(job_id=old, kind=AttemptKind.FAILED, exception_class_path="x.Y")
    for _ in range(6):
        in_state(JobState.SUCCESSFUL)
    assert listed(admin_client, state__exact="FAILED") == [old]


def test_a_job_is_found_by_its_id_however_old(admin_client):
    old = enqueue()
    for _ in range(6):
        enqueue()
    assert listed(admin_client, q=str(old)) == [old]


@pytest.mark.parametrize("before", ["", "x", "\x00", "' OR 1=1", "00000000-0000-0000-0000-000000000000"])
def test_a_strange_place_to_look_from_is_no_server_error(admin_client, before):
    enqueue()
    assert admin_client.get(JOBS, {"before": before, "queue": "default"}).status_code in (200, 302)


def test_no_address_sorts_the_whole_table(admin_client):
    ids = [enqueue(), enqueue(tasks.fail)]
    with CaptureQueriesContext(connection) as queries:
        assert listed(admin_client, o="1") == ids[::-1]
    assert not [query for query in queries if 'ORDER BY "workers_job"."task"' in query["sql"]]
