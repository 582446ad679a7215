"""docs/recipes/gunicorn-uvicorn.md, done, with the chat on it."""

import json
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.processes.harness import Process
from tests.processes.visitor import Visitor
from tests.recipes.conftest import Kitchen
from tests.recipes.pages import processes
from tests.sockets import close_code, open_socket, refusal
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["chat", "gunicorn-uvicorn"]
WORKERS = 2


def hear(socket):
    return json.loads(socket.recv(timeout=10))


@dataclass
class Served:
    site: Kitchen
    master: Process

    @property
    def url(self) -> str:
        return self.site.url


@pytest.fixture
def served(site):
    """The site with the page's command in place of daphne; ended with the test, which may have restarted it."""
    process = site.launch(processes("gunicorn-uvicorn")["web"])
    visitor = Visitor(site.url)
    wait_until(lambda: visitor.is_answered("/login/"), lambda: f"it to answer\n{process.said()}", 30)
    yield Served(site, process)
    process.popen.terminate()
    assert process.wait() == 0
    assert "Traceback" not in process.said()


def test_pages_and_sockets_from_the_same_processes(served):
    ada, bob = served.site.sign_in("ada"), served.site.sign_in("bob")
    assert served.master.said().count("Booting worker") == WORKERS
    with ExitStack() as opened:
        # Several, so that both processes have some.
        sockets = [
            opened.enter_context(open_socket(served.url, "/ws/chat/lobby/", visitor)) for visitor in (ada, bob) * 4
        ]
        sockets[0].send("hello")
        assert [hear(socket) for socket in sockets] == [{"by": "ada", "text": "hello"}] * 8
    assert refusal(served.url, "/ws/chat/lobby/", ada, origin="https://evil.example") == 403


def test_a_message_above_one_mebibyte_closes_the_socket(served):
    with open_socket(served.url, "/ws/chat/lobby/", served.site.sign_in("ada")) as socket:
        socket.send("x" * (2**20 + 1))
        assert close_code(socket) == 1009


def test_a_restart_closes_sockets_with_1012_and_new_ones_open(served):
    ada = served.site.sign_in("ada")

    def is_heard():
        # As a page does, again and again: a process on its way out answers with 500, hangs up, or closes once more.
        with (
            suppress(InvalidHandshake, ConnectionClosed, OSError),
            open_socket(served.url, "/ws/chat/lobby/", ada) as socket,
        ):
            socket.send("back again")
            return hear(socket) == {"by": "ada", "text": "back again"}

    with open_socket(served.url, "/ws/chat/lobby/", ada) as socket:
        served.master.popen.send_signal(signal.SIGHUP)
        assert close_code(socket) == 1012
    wait_until(is_heard, served.master.said, 60)
