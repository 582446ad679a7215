"""A pytest plugin: starts the database and the channel layer that the tests are asked to run on.

``--database sqlite|postgres`` and ``--layer memory|redis``. Servers named by DATABASE_URL and REDIS_URL are used;
otherwise tests/servers.py starts its own, which end with the tests. What this machine lacks is skipped with a loud
line, or, with CI=true, fails.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator
from typing import TypeVar

import pytest

from tests.servers import Missing, Postgres, Redis, Server

# A developer's own settings must not reach the tests, nor the tests a developer's mail provider or bucket.
FOREIGN = ("EMAIL_", "ANYMAIL_", "S3_", "MEDIA_ROOT", "VAR_DIR", "SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "DEBUG")

S = TypeVar("S", bound=Server)
var = tempfile.mkdtemp(prefix="myproject-tests-")
atexit.register(shutil.rmtree, var, ignore_errors=True)
started: list[Server] = []
missing: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("services")
    group.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="what the jobs are kept in")
    group.addoption("--layer", choices=("memory", "redis"), default="memory", help="what carries the wake-ups")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    # A wrapper, to be before pytest-django, which reads the settings in its own such hook.
    options = early_config.known_args_namespace
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ["VAR_DIR"] = var
    provide("DATABASE_URL", _postgres_url if options.database == "postgres" else None)
    provide("REDIS_URL", _redis_url if options.layer == "redis" else None)
    # Whoever lends us a Redis keeps what is in it.
    os.environ["CHANNEL_PREFIX"] = f"test-{secrets.token_hex(4)}"
    return (yield)


def provide(variable: str, find_url: Callable[[str], str] | None) -> None:
    """Set the variable to the server asked for, or remove it when none is."""
    given = os.environ.pop(variable, "")
    if find_url is None:
        return
    try:
        os.environ[variable] = find_url(given)
    except Missing as error:
        missing.append(str(error))


def _postgres_url(given: str) -> str:
    return given if given.startswith(("postgres://", "postgresql://")) else _start(Postgres()).url


def _redis_url(given: str) -> str:
    return os.environ.get("TEST_REDIS_URL") or given or _start(Redis()).url


def _start(server: Server) -> Server:
    started.append(server)
    return server.start()


def own(make: Callable[[], S]) -> S:
    """A server for this test alone, which may restart or kill it; started, and to be stopped by the caller."""
    try:
        server = make()
    except Missing as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    server.start()
    return server


def pytest_report_header(config: pytest.Config) -> list[str]:
    whose = ", ".join(type(server).__name__ for server in started) or "none"
    options = config.option
    return [f"runs on: {options.database} + {options.layer} layer (servers started for it: {whose})"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not missing:
        return
    reason = " ".join(missing)
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI must not skip: {reason}")
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in missing:
        terminalreporter.write_line(f"NOTHING WAS TESTED HERE: {reason}", red=True, bold=True)


def pytest_unconfigure() -> None:
    while started:
        started.pop().stop()
