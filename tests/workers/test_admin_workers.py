"""Workers on their pages, and the warning where none is."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from tests import tasks
from tests.workers.operating import JOBS, WORKERS, a_worker, enqueue, job_page, told
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db


def test_due_jobs_that_no_live_worker_serves_are_told_with_the_cure(admin_client):
    for _ in range(2):
        enqueue()
    enqueue(tasks.echo.using(queue_name="thumbnailer"))
    a_worker(queues=["thumbnailer"])
    assert told(admin_client.get(JOBS)) == [
        "2 due jobs on `default`; no live worker serves it; start: python manage.py runworker default"
    ]


@pytest.mark.parametrize("fields", [{"stopping": True}, {"beat_at": timezone.now() - timedelta(hours=1)}])
def test_a_worker_that_stops_or_is_silent_serves_nothing(admin_client, fields):
    enqueue()
    a_worker(**fields)
    assert len(told(admin_client.get(JOBS))) == 1


def test_the_workers_list_tells_who_is_alive_and_doing_what(admin_client):
    worker = a_worker(queues=["default", "thumbnailer"])
    job_id = enqueue()
    Job.objects.update(worker_id=worker.id, state=JobState.RUNNING, last_attempted_at=Now() - timedelta(minutes=3))
    url = reverse("admin:workers_workerprocess_change", args=[worker.id])
    for page in (WORKERS, url):
        text = admin_client.get(page).text
        for expected in ("alive", "state-good", "default, thumbnailer", job_page(job_id), "for 3 min"):
            assert expected in text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"stopping": True}, "stopping"),
        ({"beat_at": timezone.now() - timedelta(minutes=5)}, "silent"),
        ({"beat_at": timezone.now() - timedelta(minutes=5), "backend": "no-longer"}, "silent"),
    ],
)
def test_a_worker_that_stops_or_is_silent_is_shown_so(admin_client, fields, shown):
    a_worker(**fields)
    assert f">{shown}</span>" in admin_client.get(WORKERS).text
