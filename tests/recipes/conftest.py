"""For each module a site of its own: a copy of the project with the module's RECIPES in it, on SQLite and Redis."""

import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.processes.harness import Site
from tests.processes.visitor import Visitor
from tests.recipes.pages import apps_with_models, copy_of_project
from tests.servers import Redis
from tests.services import own

PASSWORD = "a password"
ACCOUNTS = f"""
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
may_invite = Permission.objects.get(codename="add_invitation")
for name in ("ada", "bob", "cleo", "dan"):
    get_user_model().objects.create_user(name, password={PASSWORD!r}).user_permissions.add(may_invite)
"""


class Kitchen(Site):
    """A site whose database is a file that the tests can look into."""

    def __init__(self, directory: Path, redis_url: str) -> None:
        super().__init__(directory, database_url="", redis_url=redis_url)

    def shell(self, code: str) -> str:
        """Run it in a process of its own, and return what it printed, after what the shell says itself."""
        return self.run(f"python manage.py shell --verbosity 0 -c {shlex.quote(code)}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(Path(self.env["VAR_DIR"]) / "db.sqlite3")) as database:
            return database.execute(query).fetchall()

    def sign_in(self, name: str) -> Visitor:
        return Visitor(self.url).sign_in(name, PASSWORD)


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest) -> Iterator[Redis]:
    if request.config.option.layer != "redis":
        pytest.skip("needs --layer redis")
    server = own(Redis)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def prepared(redis_server: Redis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what every site begins with: tables, accounts, static files."""
    kitchen = Kitchen(tmp_path_factory.mktemp("prepared"), redis_server.url)
    kitchen.run("python manage.py migrate --verbosity 0")
    kitchen.collect_static_files()
    kitchen.shell(ACCOUNTS)
    return Path(kitchen.env["VAR_DIR"])


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, prepared: Path, redis_server: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kitchen]:
    """Nothing of it runs yet."""
    redis_server.call("FLUSHALL")
    recipes: list[str] = request.module.RECIPES
    kitchen = Kitchen(tmp_path_factory.mktemp(recipes[-1]), redis_server.url)
    shutil.copytree(prepared, kitchen.env["VAR_DIR"])
    kitchen.cwd = copy_of_project(recipes, kitchen.directory)
    for app in [app for recipe in recipes for app in apps_with_models(recipe)]:
        kitchen.run(f"python manage.py makemigrations {app}")
        kitchen.run("python manage.py migrate --verbosity 0")
    yield kitchen
    kitchen.stop()


@pytest.fixture(scope="module")
def web(site: Kitchen) -> Kitchen:
    """The site with the Procfile's daphne."""
    site.start_web()
    return site
