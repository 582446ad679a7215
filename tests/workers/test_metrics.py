"""/metrics: what Prometheus reads, and who may."""

from datetime import timedelta

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests import tasks
from tests.workers.operating import a_worker, staff
from workers import tallies
from workers.lifecycle import claiming
from workers.measures import WAIT
from workers.models import QueuePause

TOKEN = "a-token-that-nobody-guesses"
LABELS = ("backend", "queue", "outcome", "le")
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _token(settings):
    settings.WORKERS_METRICS_TOKEN = TOKEN


def scrape() -> dict[tuple[str, ...], float]:
    """(name, backend, queue, outcome or upper bound) -> value."""
    response = Client().get("/metrics", headers=HEADERS)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(sample.labels[label] for label in LABELS if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_depths_workers_and_pauses_are_gauges():
    tasks.echo.enqueue()
    tasks.echo.enqueue()
    tasks.echo.using(run_after=timezone.now() + timedelta(days=1)).enqueue()
    assert claiming.claim("default", "default", {"default": 1}, "w")
    a_worker(queues=["default", "thumbnailer"], concurrency=4)
    QueuePause.objects.create(backend="default", queue="thumbnailer")
    found = scrape()
    for name, value in {"ready": 1, "scheduled": 1, "running": 1, "workers": 1, "slots": 4, "paused": 0}.items():
        assert found[f"workers_queue_{name}", "default", "default"] == value
    assert 0 < found["workers_queue_oldest_due_seconds", "default", "default"] < 60
    assert found["workers_queue_paused", "default", "thumbnailer"] == 1
    assert found["workers_queue_oldest_due_seconds", "default", "thumbnailer"] == 0
    assert (found["workers_alive", "default"], found["workers_slots", "default"]) == (1, 4)


def test_counts_are_counters_that_begin_at_zero():
    before = scrape()
    assert before["workers_jobs_total", "default", "default", "successful"] == 0
    assert before["workers_rescues_total", "default", "send-invite"] == 0
    tallies.write(
        "default", "default", [("default", "successful", 3), ("default", "lease lost", 1), ("default", "rescued", 2)]
    )
    tallies.write("default", "default", [("default", "successful", 4), ("default", "retried", 5)])
    found = scrape()
    for outcome, count in {"successful": 7, "retried": 5, "failed": 0}.items():
        assert found["workers_jobs_total", "default", "default", outcome] == count
    assert found["workers_rescues_total", "default", "default"] == 2
    assert found["workers_lease_losses_total", "default", "default"] == 1


def test_times_are_histograms_whose_buckets_hold_those_before():
    measures = {"wait 0.005": 2, "wait 0.1": 3, "wait inf": 1, WAIT.sum: 1_500_000, "run 60": 1}
    tallies.write("default", "default", [("default", measure, count) for measure, count in measures.items()])
    found = scrape()
    buckets = {
        le: found["workers_job_wait_seconds_bucket", "default", "default", le] for le in ("0.005", "0.05", "0.1")
    }
    assert buckets == {"0.005": 2, "0.05": 2, "0.1": 5}
    assert found["workers_job_wait_seconds_bucket", "default", "default", "86400.0"] == 5
    assert found["workers_job_wait_seconds_bucket", "default", "default", "+Inf"] == 6
    assert found["workers_job_wait_seconds_count", "default", "default"] == 6
    assert found["workers_job_wait_seconds_sum", "default", "default"] == 1.5
    assert found["workers_job_run_seconds_bucket", "default", "default", "60.0"] == 1


def test_every_backend_of_the_workers_is_told(settings):
    settings.TASKS = settings.TASKS | {"second": {"BACKEND": "workers.backend.ChannelsBackend", "QUEUES": ["default"]}}
    tallies.write("default", "second", [("default", "failed", 1)])
    found = scrape()
    assert found["workers_jobs_total", "second", "default", "failed"] == 1
    assert found["workers_jobs_total", "default", "default", "failed"] == 0


def test_a_name_of_a_queue_cannot_forge_a_line():
    name = 'x"} 1\nworkers_slots{backend="default'
    tallies.write("default", "default", [(name, "failed", 1)])
    assert scrape()["workers_jobs_total", "default", name, "failed"] == 1


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer grüße", "Bearer \x00"]
)
def test_whoever_has_no_token_is_refused(client, value):
    response = client.get("/metrics", headers={"Authorization": value} if value else {})
    assert response.status_code == 403
    assert "Authorization: Bearer" in response.text
    assert TOKEN not in response.text


@pytest.mark.parametrize("token", ["", None])
def test_without_a_token_in_the_settings_no_token_fits(client, settings, token):
    settings.WORKERS_METRICS_TOKEN = token
    for value in ("Bearer ", "Bearer None", "Bearer"):
        assert client.get("/metrics", headers={"Authorization": value}).status_code == 403
    del settings.WORKERS_METRICS_TOKEN
    assert client.get("/metrics").status_code == 403


def test_staff_that_may_view_jobs_may_read_it():
    assert staff("view_job").get("/metrics").status_code == 200


def test_staff_without_that_permission_may_not():
    assert staff("view_workerprocess").get("/metrics").status_code == 403


def test_users_who_are_not_staff_may_not(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("eve", is_superuser=True))
    assert client.get("/metrics").status_code == 403


def test_it_is_kept_by_no_cache_and_changed_by_no_method():
    client = Client()
    assert "no-store" in client.get("/metrics", headers=HEADERS)["Cache-Control"]
    assert client.head("/metrics", headers=HEADERS).status_code == 200
    assert client.post("/metrics", headers=HEADERS).status_code == 405


def test_a_database_that_cannot_be_read_is_told_in_a_sentence(client, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workers_tally RENAME TO elsewhere")
    response = client.get("/metrics", headers=HEADERS)
    assert (response.status_code, response.text.count("\n")) == (503, 1)
    assert "workers_tally" not in response.text
    assert "/metrics cannot be told" in caplog.text


@pytest.mark.parametrize(
    ("token", "sound"),
    [
        ("", True),
        (TOKEN, True),
        ("short", False),
        ("x" * 15, False),
        ("grüße" * 5, False),
        (7, False),
        ("a\n" * 9, False),
    ],
)
def test_a_token_that_can_be_guessed_is_no_token_for_production(settings, token, sound):
    settings.WORKERS_METRICS_TOKEN = token
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    ours = [message for message in found if message.id == "workers.E010"]
    assert (not ours) is sound
    assert all(str(token) not in message.msg for message in ours if token)
