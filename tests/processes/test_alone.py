"""``runserver`` alone, with nothing but SQLite, does the work; ``runworker`` without Redis says why it cannot."""

import os
import shutil
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes.harness import ROOT, Site
from tests.processes.visitor import Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.anywhere, pytest.mark.processes, pytest.mark.timeout(120)]


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
    del site.env["SITE_URL"]
    site.run("python manage.py migrate --verbosity 0")
    password = site.run("python manage.py demo").split()[-1]
    server = site.launch(f"python manage.py runserver 127.0.0.1:{site.port}")
    visitor = Visitor(site.url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"the server to answer\n{server.said()}", 30)
    visitor.sign_in("demo", password)
    invite_and_see_it_sent(site, visitor, "before@example.com")

    said_before = len(server.said())
    os.utime(site.cwd / "invitations" / "states.py")
    wait_until(
        lambda: "Starting ASGI" in server.said()[said_before:] and visitor.is_answered("/login/"),
        lambda: f"the server to reload\n{server.said()}",
        30,
    )
    invite_and_see_it_sent(site, visitor, "after@example.com")
    assert len(mails(site)) == 2
    assert all(f"{site.url}/invitations/" in mail for mail in mails(site)), "links lead to this port"
    assert "Traceback" not in server.said()

    server.signal_group(signal.SIGINT)
    server.wait(10)


@pytest.fixture
def silent_mail_server():
    """Takes connections and never says a word, so that a mail is under way for EMAIL_TIMEOUT, 10 s."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"


def test_a_job_that_runs_while_a_file_is_saved_or_the_server_killed_runs_again_at_once(lonely_site, silent_mail_server):
    site = lonely_site
    site.env["EMAIL_URL"] = silent_mail_server
    site.run("python manage.py migrate --verbosity 0")
    password = site.run("python manage.py demo").split()[-1]

    def job() -> dict[str, object]:
        with closing(sqlite3.connect(Path(site.env["VAR_DIR"]) / "db.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM workers_job").fetchone() or {})

    def runs(**counted: int) -> bool:
        now = job()
        return now.get("state") == "RUNNING" and all(now[name] == count for name, count in counted.items())

    server = site.launch(f"python manage.py runserver 127.0.0.1:{site.port}")
    visitor = Visitor(site.url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"the server to answer\n{server.said()}", 30)
    visitor.sign_in("demo", password)
    visitor.invite("slow@example.com")
    wait_until(lambda: runs(interruptions=0, rescues=0), "the mail is under way")

    os.utime(site.cwd / "invitations" / "states.py")
    wait_until(
        lambda: runs(interruptions=1, rescues=0), lambda: f"again after the reload: {job()}\n{server.said()}", 25
    )

    server.signal_group(signal.SIGKILL)
    server.wait(10)
    server = site.launch(f"python manage.py runserver 127.0.0.1:{site.port}")
    wait_until(lambda: runs(interruptions=1, rescues=1), lambda: f"again, killed: {job()}\n{server.said()}", 25)
    assert job()["attempts"] == 0


def test_runworker_without_redis_is_refused_with_the_reason_and_the_cure(lonely_site):
    worker = lonely_site.launch("python manage.py runworker send-invite")
    assert worker.wait() == 1
    assert "REDIS_URL" in worker.said()
    assert "runserver" in worker.said()
    assert "Traceback" not in worker.said()


@pytest.mark.parametrize("option", ["", "--noreload --no-worker"])
def test_runserver_on_a_taken_port_ends_and_says_so(lonely_site, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = lonely_site.launch(f"python manage.py runserver 127.0.0.1:{taken.getsockname()[1]} {option}")
        assert server.wait(30) == 1
    assert "Address already in use" in server.said()
    assert "Choose another port" in server.said()
