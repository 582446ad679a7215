"""The ground the tests stand on: they run on what was asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from channels.layers import get_channel_layer
from django.db import connection

from tests.servers import Postgres, Redis
from tests.services import own


@pytest.mark.django_db
def test_the_tests_run_on_the_database_that_was_asked_for(request):
    asked = request.config.option.database
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[asked]
    assert ("DATABASE_URL" in os.environ) == (asked == "postgres")


def test_the_tests_run_on_the_layer_that_was_asked_for(request):
    asked = request.config.option.layer
    assert (
        type(get_channel_layer()).__module__ == {"memory": "channels.layers", "redis": "myproject.redis_layer"}[asked]
    )


@pytest.mark.parametrize("make", [Redis, Postgres])
def test_a_server_answers_at_the_same_address_after_a_kill_and_a_restart(make):
    server = own(make)
    url = server.url
    server.kill()
    assert not server.answers()
    server.start()
    server.restart()
    assert server.answers()
    assert server.url == url
    server.stop()
    assert not server.directory.exists()


WITHOUT_REDIS = """
import sys
from tests import servers

def none_here():
    raise servers.Missing("No Redis here.")

servers.redis_binary = none_here
import pytest
sys.exit(pytest.main(["--layer", "redis", "-k", "layer_that_was_asked_for", "tests/test_services.py"]))
"""


@pytest.mark.parametrize(
    ("ci", "code", "told"), [("", 0, "NOTHING WAS TESTED HERE: No Redis here."), ("true", 4, "CI must not skip")]
)
def test_a_server_that_is_missing_is_skipped_loudly_and_fails_in_ci(ci, code, told):
    env = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "TEST_REDIS_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_REDIS],
        env=env | {"CI": ci},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout
    assert told in done.stdout + done.stderr
