"""``runserver`` alone, with nothing but SQLite, does the work; ``runworker`` without Redis says why it cannot."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.processes.harness import ROOT, Site
from tests.processes.visitor import Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """The project's own tree, where files can be changed."""
    leftovers = shutil.ignore_patterns(".*", "__pycache__", "var", "staticfiles")
    return Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=leftovers))


@pytest.fixture
def lonely_site(tmp_path: Path, own_copy: Path):
    site = Site(tmp_path, database_url="", redis_url="", DEBUG="1", DJANGO_SETTINGS_MODULE="myproject.settings")
    site.cwd = own_copy
    yield site
    site.stop()


def mails(site: Site) -> list[str]:
    folder = Path(site.env["VAR_DIR"]) / "mail"
    return [path.read_text() for path in folder.glob("*")] if folder.exists() else []


def invite_and_see_it_sent(site: Site, visitor: Visitor, address: str) -> None:
    visitor.invite(address)
    wait_until(lambda: any(f"To: {address}" in mail for mail in mails(site)), f"a mail file to {address}")

    def is_sent() -> bool:
        row = next(row for row in visitor.get("/invitations/").text.split("<tr") if address in row)
        return "state-good" in row

    wait_until(is_sent, lambda: f"{address} to be sent\n{visitor.get('/invitations/').text}")


def test_runserver_alone_sends_an_invitation_and_survives_autoreload(lonely_site):
    site = lonely_site
    site.run("python manage.py migrate --verbosity 0")
    password = site.run("python manage.py demo").split()[-1]
    server = site.launch(f"python manage.py runserver 127.0.0.1:{site.port}")
    visitor = Visitor(site.url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"the server to answer\n{server.said()}", 30)
    visitor.sign_in("demo", password)
    invite_and_see_it_sent(site, visitor, "before@example.com")

    said_before = len(server.said())
    os.utime(site.cwd / "invitations" / "models.py")
    wait_until(
        lambda: "Starting ASGI" in server.said()[said_before:] and visitor.is_answered("/login/"),
        lambda: f"the server to reload\n{server.said()}",
        30,
    )
    invite_and_see_it_sent(site, visitor, "after@example.com")
    assert len(mails(site)) == 2
    assert "Traceback" not in server.said()

    server.signal_group(signal.SIGINT)
    server.wait(10)


def test_runworker_without_redis_is_refused_with_the_reason_and_the_cure(lonely_site):
    worker = lonely_site.launch("python manage.py runworker send-invite")
    assert worker.wait() == 1
    assert "REDIS_URL" in worker.said()
    assert "runserver" in worker.said()
    assert "Traceback" not in worker.said()
