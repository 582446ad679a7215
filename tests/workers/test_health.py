"""``/healthz`` and ``/readyz`` of the web: quick, bounded, quiet about secrets, and before everything else."""

import threading
import time

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.waiting import wait_until
from tests.workers import layers
from workers import health
from workers.health import NO_ANSWER, OK, Migrations, Readiness, ask_database, ask_layer


class Groups(layers.RecordingLayer):
    extensions = ["groups"]

    async def group_discard(self, group, channel):
        await self.deliver()


class BrokenGroups(Groups, layers.BrokenLayer):
    pass


class HangingGroups(Groups, layers.HangingLayer):
    pass


def readiness(**questions):
    return Readiness(questions)


def fine():
    return OK


def broken():
    raise ConnectionError("password=hunter2 host=10.0.0.7")


@pytest.fixture
def hanging():
    """A question that is not answered before its gate is opened, and how often it was asked."""
    gate, asked = threading.Event(), []

    def ask():
        asked.append(time.monotonic())
        gate.wait(30)
        return OK

    ask.gate, ask.asked = gate, asked
    yield ask
    gate.set()


@pytest.fixture
def behind_tls(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["www.example.com"]


def test_healthz_asks_no_database_and_no_session(client):
    # Not marked for the database: pytest-django would raise.
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"alive": True})
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_may_ask_in_plain_http_and_by_address(client, path, behind_tls, monkeypatch):
    monkeypatch.setattr(health, "readiness", readiness(database=fine))
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400
    assert client.get("/login/", headers={"host": "www.example.com"}).status_code == 301


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_questions_are_answered(client, path):
    assert client.post(path).status_code == 405


def test_readyz_says_what_fails_by_name_and_no_secret(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "readiness", readiness(database=broken, layer=fine))
    for _ in range(2):
        response = client.get("/readyz")
        said = {"ready": False, "database": "failed (ConnectionError)", "layer": "ok"}
        assert (response.status_code, response.json()) == (503, said)
    # The log has it in full, once.
    assert [record.getMessage() for record in caplog.records if record.name == "workers.health"] == [
        "Readiness of the database: failed (ConnectionError): password=hunter2 host=10.0.0.7."
    ]


@pytest.mark.django_db(transaction=True)
def test_readyz_asks_the_database_the_migrations_and_the_layer(client, monkeypatch):
    monkeypatch.setattr(health, "readiness", readiness(database=ask_database, migrations=Migrations(), layer=ask_layer))
    # A migration is looked up on disk at first, which a busy machine may not do in time.
    monkeypatch.setattr(health, "PATIENCE", 30)
    response = client.get("/readyz")
    assert response.json() == {"ready": True, "database": "ok", "migrations": "ok", "layer": "ok"}
    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_is_missing_is_told_with_the_cure_until_it_is_applied():
    recorder = MigrationRecorder(connection)
    migrations = Migrations()
    recorder.record_unapplied("workers", "0004_live")
    try:
        assert migrations() == "1 not applied; run: python manage.py migrate"
    finally:
        MigrationRecorder(connection).record_applied("workers", "0004_live")
    assert migrations() == OK


@pytest.mark.django_db(transaction=True)
def test_what_was_applied_once_is_not_looked_up_again(django_assert_num_queries):
    migrations = Migrations()
    assert migrations() == OK
    with django_assert_num_queries(0):
        assert migrations() == OK


def test_what_hangs_is_given_up_in_time_and_not_asked_twice_at_once(hanging, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.5)
    monkeypatch.setattr(health, "KEEP", 0.0)
    asked = readiness(database=hanging, layer=fine)
    for _ in range(3):
        assert asked.ask() == {"database": NO_ANSWER, "layer": OK}
    assert len(hanging.asked) == 1
    hanging.gate.set()
    wait_until(lambda: asked.ask()["database"] == OK, "it answers again")


def test_an_answer_is_given_again_however_many_ask(monkeypatch):
    monkeypatch.setattr(health, "KEEP", 3600)
    counted = []
    asked = readiness(database=lambda: counted.append(1) or OK)
    threads = [threading.Thread(target=asked.ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == 1
    monkeypatch.setattr(asked, "_valid_until", 0.0)
    asked.ask()
    assert len(counted) == 2


@pytest.mark.parametrize(
    ("name", "said"), [("BrokenGroups", "failed (ConnectionError)"), ("HangingGroups", NO_ANSWER), ("Groups", OK)]
)
def test_a_layer_that_cannot_be_reached_is_told(settings, name, said, monkeypatch):
    monkeypatch.setattr(health, "KEEP", 0.0)
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"tests.workers.test_health.{name}"}}
    if said == NO_ANSWER:
        monkeypatch.setattr(health, "PATIENCE", 0.1)
    assert readiness(layer=ask_layer).ask() == {"layer": said}


def test_a_site_without_a_layer_is_told_so(settings):
    settings.CHANNEL_LAYERS = {}
    assert ask_layer() == "CHANNEL_LAYERS has no default"
