"""The settings as a process gets them: a wrong environment ends in one sentence and exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from myproject.free_port import free_port, port_number
from tests import check_module_sizes

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = dict(line.split("=", 1) for line in (ROOT / "tests/production.env").read_text().splitlines())


def manage(*arguments: str, var: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var)} | env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({}, "SECRET_KEY must be set"),
        (PRODUCTION | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS=* accepts forged Host headers"),
        (PRODUCTION | {"DEBUG": "maybe"}, "DEBUG='maybe' is neither yes nor no"),
        (PRODUCTION | {"DATABASE_URL": "oracle://h/n"}, "DATABASE_URL"),
        (PRODUCTION | {"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        (PRODUCTION | {"REDIS_URL": "redis://["}, "REDIS_URL cannot be read"),
        (PRODUCTION | {"DB_CONNECTIONS": "-3"}, "DB_CONNECTIONS=-3 is too little"),
    ],
)
def test_a_wrong_environment_is_one_sentence_and_no_traceback(env, told, tmp_path):
    done = manage("check", var=tmp_path, **env)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_djangos_own_commands_tell_of_a_database_without_tables_in_a_sentence(tmp_path):
    done = manage("changepassword", "ada", var=tmp_path, DEBUG="1")
    assert done.returncode == 1
    assert "no such table: auth_user. Run: manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in manage("changepassword", "ada", "--traceback", var=tmp_path, DEBUG="1").stderr


def test_the_static_files_are_collected_before_any_secret_is_set(tmp_path):
    done = manage("collectstatic", "--noinput", "--dry-run", var=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_taken_port_gives_way_to_a_free_one():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


@pytest.mark.parametrize("word", ["abc", "70000", "0", "-1", "²", "9" * 5000])
def test_what_is_no_port_is_told_in_a_sentence(word):
    with pytest.raises(SystemExit, match=r"is no port. Give a number from 1 to 65535"):
        port_number(word)


def test_a_module_above_the_limit_is_named(tmp_path):
    long, short = tmp_path / "long.py", tmp_path / "short.py"
    long.write_text("\n" * 301)
    short.write_text("\n" * 300)
    assert check_module_sizes.too_long([long, short]) == [(long, 301)]
