"""docs/recipes/chat.md, done."""

import json

import pytest

from tests.processes.harness import procfile
from tests.processes.visitor import Visitor
from tests.servers import free_port
from tests.sockets import open_socket, refusal
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["chat"]


def hear(socket):
    return json.loads(socket.recv(timeout=10))


@pytest.fixture(scope="module")
def other_url(web):
    """A second web process of the same site."""
    port = free_port()
    process = web.launch(procfile()["web"].replace("$PORT", str(port)))
    url = f"http://127.0.0.1:{port}"
    visitor = Visitor(url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"it to answer\n{process.said()}", 30)
    return url


def test_people_in_a_room_hear_each_other_through_two_processes(web, other_url):
    ada, bob = web.sign_in("ada"), web.sign_in("bob")
    with (
        open_socket(web.url, "/ws/chat/lobby/", ada) as here,
        open_socket(other_url, "/ws/chat/lobby/", bob) as there,
        open_socket(web.url, "/ws/chat/elsewhere/", bob) as elsewhere,
    ):
        here.send("hello")
        assert hear(here) == hear(there) == {"by": "ada", "text": "hello"}
        there.send("  hello yourself ")
        assert hear(here) == hear(there) == {"by": "bob", "text": "hello yourself"}
        # The first that is heard there: nothing of the above was.
        elsewhere.send("nobody here?")
        assert hear(elsewhere) == {"by": "bob", "text": "nobody here?"}


def test_who_left_is_gone_and_the_room_goes_on(web):
    ada = web.sign_in("ada")
    with open_socket(web.url, "/ws/chat/attic/", ada) as stays:
        with open_socket(web.url, "/ws/chat/attic/", ada) as leaves:
            leaves.send("bye")
            assert hear(stays) == {"by": "ada", "text": "bye"}
        stays.send("alone")
        assert hear(stays) == {"by": "ada", "text": "alone"}


def test_what_looks_like_a_message_of_the_layer_is_text_and_long_text_is_cut(web):
    with open_socket(web.url, "/ws/chat/lab/", web.sign_in("ada")) as socket:
        forged = '{"type": "websocket.close", "by": "root"}'
        socket.send(forged)
        assert hear(socket) == {"by": "ada", "text": forged}
        socket.send("x" * 5000)
        assert hear(socket) == {"by": "ada", "text": "x" * 2000}


def test_strangers_and_names_that_no_group_can_have_are_refused(web):
    assert refusal(web.url, "/ws/chat/lobby/") == 403
    assert refusal(web.url, f"/ws/chat/{'x' * 120}/", web.sign_in("ada")) == 403
