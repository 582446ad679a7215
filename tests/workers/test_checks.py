"""What `manage.py check` says: the problem, and the cure."""

import os
import subprocess
import sys
from pathlib import Path

import django
import pytest
from channels.routing import ChannelNameRouter, ProtocolTypeRouter
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from workers.backends import channels_backends
from workers.checks.connections import connections_needed, pool_size, worker_processes
from workers.checks.queues import problems
from workers.models import Job

ELSEWHERE = "elsewhere"
WAL = "PRAGMA journal_mode = wal;"
SQLITE = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": WAL}
POSTGRES = {"pool": {"max_size": 4}}

# What a check needs of an ASGI application: the channel router. Named by ASGI_APPLICATION below.
application = ProtocolTypeRouter({"channel": ChannelNameRouter({"default": None, "mails": None})})


class JobsElsewhere:
    def db_for_write(self, model, **hints):
        return ELSEWHERE if model is Job else None


@pytest.fixture
def keep_jobs_in(settings):
    """Routes the jobs to a database of these settings; nothing connects to it."""

    def route(engine: str, **fields):
        given = {"default": {}, ELSEWHERE: {"ENGINE": f"django.db.backends.{engine}"} | fields}
        connections.databases[ELSEWHERE] = connections.configure_settings(given)[ELSEWHERE]
        settings.DATABASE_ROUTERS = [f"{__name__}.JobsElsewhere"]

    yield route
    if connections.databases.pop(ELSEWHERE, None):
        del connections[ELSEWHERE]


@pytest.fixture
def tasks_setting(settings):
    def change(alias="default", **changes):
        backend = {"BACKEND": "workers.backend.ChannelsBackend", "QUEUES": ["default"], "OPTIONS": {}}
        settings.TASKS = settings.TASKS | {alias: backend | changes}

    return change


def told() -> dict[str, str]:
    """id -> message, each with its cure; two of the same id show as an error of the test."""
    # Without databases: Django 6.1 would open them all.
    found = [message for message in run_checks(databases=[]) if message.id and message.id.startswith("workers.")]
    assert all(message.msg.endswith(".") and message.hint for message in found)
    assert len({message.id for message in found}) == len(found)
    return {str(message.id): message.msg for message in found}


def test_the_project_itself_is_sound():
    assert told() == {}


# The database


@pytest.mark.parametrize(
    ("engine", "fields", "ids"),
    [
        ("sqlite3", {"OPTIONS": SQLITE}, set()),
        ("sqlite3", {"OPTIONS": SQLITE | {"transaction_mode": "immediate"}}, set()),
        ("sqlite3", {}, {"workers.E004", "workers.W001", "workers.W002"}),
        ("sqlite3", {"OPTIONS": SQLITE | {"transaction_mode": "DEFERRED"}}, {"workers.E004"}),
        ("sqlite3", {"OPTIONS": SQLITE | {"timeout": 19}}, {"workers.W001"}),
        ("sqlite3", {"OPTIONS": SQLITE | {"init_command": "PRAGMA journal_mode=DELETE"}}, {"workers.W002"}),
        ("postgresql", {"OPTIONS": POSTGRES}, set()),
        ("postgresql", {"OPTIONS": {"pool": True}}, set()),
        ("postgresql", {"OPTIONS": POSTGRES, "CONN_MAX_AGE": 60}, {"workers.W003"}),
        ("postgresql", {"CONN_MAX_AGE": None}, {"workers.W003", "workers.W004"}),
        ("dummy", {}, {"workers.E002"}),
    ],
)
def test_the_jobs_database_must_be_one_that_carries_workers(keep_jobs_in, engine, fields, ids):
    keep_jobs_in(engine, **fields)
    assert set(told()) == ids


def test_without_time_zones_nothing_starts(settings):
    settings.USE_TZ = False
    assert set(told()) == {"workers.E003"}


@pytest.mark.parametrize(
    ("pool", "allowed", "ids"),
    [(4, 20, set()), (4, 19, {"workers.W006"}), (10, 20, {"workers.W006"}), (10, None, set())],
)
def test_connections_are_added_up_against_the_plan(keep_jobs_in, settings, tmp_path, pool, allowed, ids):
    settings.ROOT = tmp_path
    (tmp_path / "Procfile").write_text("web: daphne\na: python manage.py runworker a\nb: manage.py runworker\n# c\n")
    settings.DB_CONNECTIONS = allowed
    keep_jobs_in("postgresql", OPTIONS={"pool": {"max_size": pool}})
    messages = told()
    assert set(messages) == ids
    assert all(f"Up to {connections_needed(pool, 2)} database connections" in message for message in messages.values())


@pytest.mark.parametrize(
    ("pool", "size"), [(True, 4), ({}, 4), ({"max_size": 7}, 7), ({"min_size": 2}, 2), ({"max_size": None}, 4)]
)
def test_the_size_of_a_pool_is_read_as_psycopg_reads_it(pool, size):
    assert pool_size(pool) == size


def test_without_a_procfile_two_workers_are_assumed(settings, tmp_path):
    settings.ROOT = tmp_path
    assert worker_processes() == 2
    (tmp_path / "Procfile").write_bytes(b"\xff")
    assert worker_processes() == 2


def test_every_process_of_a_line_of_the_procfile_counts(settings, tmp_path, monkeypatch):
    settings.ROOT = tmp_path
    lines = ["web: daphne", "a: python manage.py runworker a --processes 3", "b: manage.py runworker --processes=2 b"]
    (tmp_path / "Procfile").write_text("\n".join([*lines, "c: manage.py runworker c\n"]))
    assert worker_processes() == 3 + 2 + 1
    monkeypatch.setenv("WORKER_PROCESSES", "4")
    assert worker_processes() == 3 + 2 + 4


# Queues


@pytest.mark.parametrize("name", ["send invite", "a/b", "", "x" * 100, "a!b", "grüße", 7, "line\n"])
def test_a_queue_that_cannot_be_a_channel_is_refused(tasks_setting, name):
    tasks_setting(QUEUES=["default", name])
    assert set(told()) == {"workers.E006"}


@pytest.mark.parametrize("name", ["a.b-c_D9", "x" * 99])
def test_every_valid_channel_name_is_a_queue(tasks_setting, name):
    tasks_setting(QUEUES=["default", name])
    assert told() == {}


def test_queues_without_the_default_one_are_refused(tasks_setting):
    tasks_setting(QUEUES=["send-invite"])
    assert set(told()) == {"workers.E007"}


def test_no_queues_at_all_means_any(tasks_setting):
    tasks_setting(QUEUES=[])
    assert told() == {}


def test_a_queue_that_a_consumer_also_hears_is_refused(settings):
    settings.ASGI_APPLICATION = f"{__name__}.application"
    assert "'default'" in told()["workers.E008"]


@pytest.mark.parametrize("path", ["no.such.application", None])
def test_an_application_that_cannot_be_imported_is_not_told_here(settings, path):
    settings.ASGI_APPLICATION = path
    assert told() == {}


def test_backends_that_share_a_queue_are_told(tasks_setting):
    tasks_setting("second", QUEUES=["default", "own"])
    assert "TASKS['default'] and TASKS['second']" in told()["workers.W005"]


def test_an_alias_too_long_for_a_job_is_refused(tasks_setting):
    tasks_setting("x" * 33, QUEUES=[])
    assert set(told()) == {"workers.E009"}


def test_other_peoples_backends_are_let_be(tasks_setting):
    tasks_setting("second", BACKEND="django_tasks.backends.dummy.DummyBackend", QUEUES=["a b"])
    assert [backend.alias for backend in channels_backends()] == ["default"]
    assert told() == {}


def test_one_backends_problems_are_told_by_themselves():
    (backend,) = channels_backends()
    assert [each.id for each in problems(backend, frozenset({"thumbnailer"}))] == ["workers.E008"]


# Among Channels' own parts


@pytest.mark.parametrize("name", ["channels", "daphne"])
def test_channels_own_commands_must_not_come_first(settings, name):
    settings.INSTALLED_APPS = [name, *(app for app in settings.INSTALLED_APPS if app != name)]
    assert f"after {name!r}" in told()["workers.E005"]


@pytest.mark.parametrize(
    ("layer", "ids"),
    [
        ({"BACKEND": "channels.layers.InMemoryChannelLayer"}, set()),
        ({"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": ["redis://a"]}}, set()),
        ({"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": ["a", "b"]}}, {"workers.W007"}),
        ({"BACKEND": "x.QuickRedisChannelLayer", "CONFIG": {"hosts": ["a", "b"]}}, {"workers.W007"}),
        ({"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}, {"workers.W007"}),
    ],
)
def test_a_layer_that_cannot_wake_workers_is_told(settings, layer, ids):
    settings.CHANNEL_LAYERS = {"default": layer}
    assert set(told()) == ids


def test_a_project_without_layers_is_no_error_of_ours(settings):
    settings.CHANNEL_LAYERS = {}
    assert told() == {}


# Options


def test_an_unknown_option_is_reported_once_by_the_check_command(tasks_setting):
    tasks_setting(OPTIONS={"MAX_ATTEMPS": 3})
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", databases=[])
    text = str(refused.value)
    assert text.count("workers.E001") == 1
    assert "Did you mean MAX_ATTEMPTS?" in text


@pytest.mark.parametrize("apps", ["'django_tasks'", ""] if django.VERSION < (6, 0) else [""])
def test_an_unknown_option_is_reported_once_whichever_apps_are_installed(apps):
    """In a process of its own: on Django 5.2 the app registers Django's check too, and without it nobody else does."""
    program = f"""
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, USE_TZ=True, INSTALLED_APPS=["workers", {apps}],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {SQLITE!r}}}}},
    TASKS={{"default": {{"BACKEND": "workers.backend.ChannelsBackend", "OPTIONS": {{"NOPE": 1}}}}}},
)
django.setup()
from django.core.checks import run_checks
print(*(message.id for message in run_checks(databases=[])))
"""
    root = Path(__file__).resolve().parents[2]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split() == ["workers.E001"], done.stderr
