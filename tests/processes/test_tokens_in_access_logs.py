"""The web servers' own logs tell of each request, and of an invitation's link all but its token."""

from uuid import uuid4

import pytest

from tests.processes.harness import Site, procfile
from tests.processes.visitor import Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.anywhere, pytest.mark.processes, pytest.mark.timeout(120)]

SERVERS = {
    "daphne": procfile()["web"],
    "runserver": "python manage.py runserver --noreload --no-worker 127.0.0.1:$PORT",
    "uvicorn": "uvicorn --port $PORT --lifespan off myproject.asgi:application",
    "gunicorn": "gunicorn myproject.wsgi --bind 127.0.0.1:$PORT --access-logfile - --no-control-socket",
}


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, database_url="", redis_url="", DEBUG="1", DJANGO_SETTINGS_MODULE="myproject.settings")
    yield site
    site.stop()


@pytest.mark.parametrize("name", SERVERS)
def test_neither_the_access_log_nor_an_error_tells_the_token(site, name):
    server, visitor = site.launch(SERVERS[name]), Visitor(site.url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"{name} to answer\n{server.said()}", 30)
    link, token = f"/invitations/{uuid4()}/", "t" * 43
    # There are no tables here, so that the error's traceback is logged and shown as well.
    answer = visitor.get(f"{link}{token}/?from=mail")
    assert answer.status == 500
    assert "[token]" in answer.text
    wait_until(lambda: f"GET {link}[token]/" in server.said(), server.said)
    assert "no such table" in server.said()
    assert token not in answer.text
    assert token not in server.said()
