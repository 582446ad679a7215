"""A site on the tests' PostgreSQL database, and a Redis and an SMTP server that the tests may trouble."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.inviters import let_invite
from tests.processes.crew import Crew
from tests.processes.harness import Site
from tests.processes.mailbox import Mailbox
from tests.processes.visitor import Visitor
from tests.servers import Redis
from tests.services import own


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    server = own(Redis)
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    if not redis_server.answers():
        redis_server.start()
    redis_server.call("FLUSHALL")
    return redis_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox().start()
    yield box
    box.stop()


@pytest.fixture
def on_postgres(request: pytest.FixtureRequest) -> None:
    if request.config.option.database != "postgres":
        pytest.skip("needs --database postgres")


@pytest.fixture
def site(on_postgres: None, transactional_db: None, tmp_path: Path, redis: Redis, mailbox: Mailbox) -> Iterator[Site]:
    parts = connection.settings_dict
    address = f"{quote(parts['USER'])}:{quote(parts['PASSWORD'] or '')}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
    site = Site(tmp_path, f"postgres://{address}", redis.url, EMAIL_URL=mailbox.url, INVITATIONS_PER_HOUR="1000")
    site.collect_static_files()
    yield site
    site.stop()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Signed in at the site, whose web process this starts."""
    return signed_in(site, "ada")


def signed_in(site: Site, name: str) -> Visitor:
    let_invite(get_user_model().objects.create_user(name, password="a password"))
    if not any("daphne" in process.log.name for process in site.processes):
        site.start_web()
    return Visitor(site.url).sign_in(name, "a password")


@pytest.fixture
def crew(site: Site, tmp_path: Path) -> Iterator[Crew]:
    folder = tmp_path / "marks"
    folder.mkdir()
    crew = Crew(site, folder)
    yield crew
    crew.let_go()
