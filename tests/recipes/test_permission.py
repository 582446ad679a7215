"""docs/recipes/permission.md, done."""

import pytest

from tests.sockets import close_code, open_socket, refusal

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["permission"]
CHANGE = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
permission = Permission.objects.get(content_type__app_label="workers", codename="view_job")
get_user_model().objects.get(username="ada").user_permissions.{change}(permission)
"""
ENQUEUE = """
from tests.tasks import echo
for number in range(3):
    echo.enqueue(number)
"""


@pytest.fixture
def permitted(web):
    """Ada, who may view jobs."""
    web.shell(CHANGE.format(change="add"))
    return web.sign_in("ada")


def test_who_may_view_jobs_is_told_how_many_wait(web, permitted):
    web.shell(ENQUEUE)
    with open_socket(web.url, "/ws/backlog/", permitted) as socket:
        socket.send("default")
        assert socket.recv(timeout=10) == "3"
        socket.send("no such queue")
        assert socket.recv(timeout=10) == "0"


def test_who_may_not_is_refused_as_strangers_are(web):
    assert refusal(web.url, "/ws/backlog/", web.sign_in("bob")) == refusal(web.url, "/ws/backlog/") == 403


def test_a_permission_that_is_withdrawn_ends_the_socket_at_the_next_question(web, permitted):
    with open_socket(web.url, "/ws/backlog/", permitted) as socket:
        socket.send("thumbnailer")
        assert socket.recv(timeout=10) == "0"
        web.shell(CHANGE.format(change="remove"))
        socket.send("thumbnailer")
        assert close_code(socket) == 4403


def test_signing_out_elsewhere_ends_it_too(web, permitted):
    with open_socket(web.url, "/ws/backlog/", permitted) as socket:
        socket.send("thumbnailer")
        assert socket.recv(timeout=10) == "0"
        assert permitted.post("/logout/", {}).status == 302
        socket.send("thumbnailer")
        assert close_code(socket) == 4403
