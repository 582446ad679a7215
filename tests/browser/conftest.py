"""A real site, a real Chromium, and people in front of it.

Everything happens in the browser and in processes of their own; no test here touches a database, because Playwright
keeps an event loop running in this thread, in which Django would refuse it.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.accounts import PEOPLE
from tests.browser.chromium import find_chromium
from tests.browser.person import Person
from tests.browser.post_office import PostOffice
from tests.processes.harness import Site
from tests.servers import Missing, Postgres, Redis
from tests.services import own

PATIENCE = 30
SETTINGS = "tests.browser.settings"

expect.set_options(timeout=PATIENCE * 1000)
names = itertools.cycle(PEOPLE)
numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def clean_channel_layer() -> None:
    """Not needed here, and it would want an event loop of its own."""


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> str:
    if pytestconfig.option.database != "postgres":
        pytest.skip("needs --database postgres")
    try:
        return find_chromium()
    except Missing as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


@pytest.fixture(scope="session")
def deployment(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that all tests here share: the database, the layer and the web process."""
    with ExitStack() as at_the_end:
        postgres, redis = own(Postgres), own(Redis)
        at_the_end.callback(postgres.stop)
        at_the_end.callback(redis.stop)
        site = Site(tmp_path_factory.mktemp("site"), postgres.url, redis.url, DJANGO_SETTINGS_MODULE=SETTINGS)
        at_the_end.callback(site.stop)
        site.release()
        site.run("python -m tests.browser.accounts")
        site.start_web()
        yield site


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.stop()


@pytest.fixture
def guest() -> str:
    """An address of this test's own: what an earlier test left queued goes out as soon as any worker starts."""
    return f"guest-{next(numbers)}@example.com"


@pytest.fixture
def site(deployment: Site, post_office: PostOffice, tmp_path: Path) -> Iterator[Site]:
    """The same site, for processes that end with the test: ``url`` is where a web process started on it answers."""
    own = Site(tmp_path, deployment.database_url, deployment.env["REDIS_URL"], EMAIL_URL=post_office.url)
    own.env = deployment.env | {"EMAIL_URL": post_office.url, "PORT": str(own.port)}
    yield own
    own.stop()
    print(f"---- the shared web process\n{deployment.processes[-1].said()[-3000:]}")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Only for one module: other tests must not find Playwright's event loop in their thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, deployment: Site) -> Iterator[Callable[..., Person]]:
    """``visit()``: somebody new with a window of their own, not signed in; keywords as for Playwright's context."""
    with ExitStack() as at_the_end:
        visitors: list[Person] = []

        def arrive(name: str = "", url: str = "", **options: Any) -> Person:
            context = browser.new_context(**options)
            at_the_end.callback(context.close)
            context.set_default_timeout(PATIENCE * 1000)
            visitors.append(Person(context, url or deployment.url, name or next(names)))
            return visitors[-1]

        yield arrive
        mishaps = {person.name: person.mishaps for person in visitors if person.mishaps}
    assert not mishaps, f"errors of the pages' scripts: {mishaps}"


@pytest.fixture
def sign_in(visit: Callable[..., Person]) -> Callable[..., Person]:
    """``sign_in()``: somebody new, signed in."""
    return lambda **options: visit(**options).sign_in()
