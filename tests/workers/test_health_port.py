"""What the supervisor's port says, of real children's words and to clients of every kind."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time

import pytest

from tests.waiting import wait_until
from workers import health_port
from workers.health_port import LONGEST_START, LONGEST_TURN, HealthPort, lifeless, unready
from workers.supervisor import Child, Supervisor

CROWD = 20
"""Clients that are served at once."""


class World:
    """A supervisor at the moment ``now``, whose children speak over their lifelines when they are told to."""

    def __init__(self, processes):
        self.supervisor = Supervisor(["true"], processes, 1, lambda level, text: None)
        self.now = self.supervisor.looked_at
        self.theirs = []

    def start_child(self):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        process = subprocess.Popen([sys.executable, "-S", "-c", ""])
        process.wait()
        self.supervisor.children.append(Child(process, ours, self.now))
        self.theirs.append(theirs)

    def child_says(self, *lines, number=0):
        self.theirs[number].sendall("".join(f"{line}\n" for line in lines).encode())
        self.supervisor.children[number].hear(self.now)

    def pass_time(self, seconds):
        """While the supervisor looks around."""
        self.now += seconds
        self.supervisor.looked_at = self.now

    @property
    def lifeless(self):
        return lifeless(self.supervisor, self.now)

    @property
    def unready(self):
        return unready(self.supervisor, self.now)

    def close(self):
        for link in (*self.theirs, *(child.link for child in self.supervisor.children)):
            link.close()
        self.supervisor._selector.close()


@pytest.fixture
def world():
    made = []

    def make(processes=1):
        made.append(World(processes))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_before_the_first_process_is_started_it_is_alive_and_not_ready(world):
    world = world(2)
    assert world.lifeless == []
    assert world.unready == ["2 of 2 processes not started"]


def test_a_process_is_ready_when_it_says_so_and_not_when_it_only_runs(world):
    world = world()
    world.start_child()
    assert "starting" in world.unready[0]
    world.child_says("id worker-1 30")
    assert "starting" in world.unready[0]
    world.child_says("pulse ")
    assert (world.lifeless, world.unready) == ([], [])


def test_what_a_process_lacks_is_told_and_it_is_alive_all_the_same(world):
    world = world()
    world.start_child()
    world.child_says("id worker-1 30", "pulse has not heard from the database for 31 s")
    assert world.lifeless == []
    [told] = world.unready
    assert told.endswith(": has not heard from the database for 31 s")
    world.child_says("pulse ")
    assert world.unready == []


def test_one_process_of_two_is_not_enough(world):
    world = world(2)
    world.start_child()
    world.child_says("id worker-1 30", "pulse ")
    assert world.unready == ["1 of 2 processes not started"]


def test_a_process_that_makes_room_is_counted_as_its_successor(world):
    world = world()
    world.start_child()
    world.child_says("id worker-1 30", "pulse takes nothing new")
    world.supervisor.children[0].leaving = True
    assert world.unready == ["1 of 1 processes not started"]
    world.start_child()
    world.child_says("id worker-2 30", "pulse ", number=1)
    assert world.unready == []


def test_a_process_that_falls_silent_is_not_alive(world):
    world = world()
    world.start_child()
    world.child_says("id worker-1 30", "pulse ")
    world.pass_time(29)
    assert world.lifeless == []
    world.pass_time(2)
    assert world.lifeless == world.unready
    assert "gave no sign of life for 31 s" in world.lifeless[0]


def test_a_process_that_never_reports_itself_is_not_alive(world):
    world = world()
    world.start_child()
    world.pass_time(LONGEST_START - 1)
    assert world.lifeless == []
    world.pass_time(2)
    assert "has been starting for 61 s" in world.lifeless[0]


def test_a_supervisor_that_stands_still_is_not_alive(world):
    world = world(0)
    world.now += LONGEST_TURN - 1
    assert world.lifeless == []
    world.now += 2
    assert "the supervisor has stood still" in world.lifeless[0]


def test_while_it_stops_it_is_alive_and_not_ready(world):
    world = world()
    world.start_child()
    world.child_says("id worker-1 30", "pulse ")
    world.supervisor.stopping = True
    assert (world.lifeless, world.unready) == ([], ["stopping"])


@pytest.fixture
def port(world, monkeypatch):
    """A port that answers for a supervisor without processes, which are therefore all ready."""
    # Those of other tests are in this process too.
    monkeypatch.setattr(health_port, "MOST_THREADS", threading.active_count() + CROWD)
    listener = socket.create_server(("127.0.0.1", 0))
    server = HealthPort(listener, world(0).supervisor)
    server.start()
    yield listener.getsockname()[1]
    server.shutdown()
    server.server_close()


def ask(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def send(port, data):
    """What comes back for these bytes; nothing when it is hung up on."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        try:
            link.sendall(data)
            return link.makefile("rb").read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize(("path", "name"), [("/healthz", "alive"), ("/readyz", "ready"), ("/readyz?verbose", "ready")])
def test_it_answers_over_http(port, path, name):
    status, body = ask(port, path)
    assert (status, json.loads(body)) == (200, {name: True, "reasons": []})
    assert ask(port, path, "HEAD") == (200, b"")


def test_503_comes_with_the_reasons(port, world):
    busy = world(3)
    _, _, body = health_port.answer(b"GET /readyz HTTP/1.1\r\n\r\n", busy.supervisor, busy.now).partition(b"\r\n\r\n")
    assert json.loads(body) == {"ready": False, "reasons": ["3 of 3 processes not started"]}
    assert health_port.answer(b"GET /readyz HTTP/1.1\r\n\r\n", busy.supervisor, busy.now).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/healthz/..", 404), ("POST", "/healthz", 405)]
)
def test_nothing_else_is_served(port, method, path, status):
    assert ask(port, path, method)[0] == status


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"G" * 100_000])
def test_what_is_no_request_is_refused_and_the_next_one_answered(port, data):
    answered = send(port, data)
    # A client that is still sending when it is refused may lose the answer.
    assert answered.startswith(b"HTTP/1.1 400 ") or (len(data) > 8192 and answered == b"")
    assert ask(port, "/healthz")[0] == 200


def test_clients_that_say_nothing_do_not_keep_others_waiting_for_longer_than_their_patience(port, monkeypatch):
    monkeypatch.setattr(health_port, "PATIENCE", 0.2)
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3 * CROWD)]
    try:
        # Hung up on, whether there were too many of them or their time was over.
        for link in silent:
            link.sendall(b"GET /healthz HT")
        for link in silent:
            received = b""
            try:
                received = link.makefile("rb").read()
            except ConnectionError:
                continue
            assert not received.startswith(b"HTTP/1.1 200")
        wait_until(lambda: is_answered(port), "somebody else to be answered")
    finally:
        for link in silent:
            link.close()


def is_hung_up_on(link):
    link.setblocking(False)
    try:
        return link.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_of_too_many_clients_at_once_some_are_hung_up_on(port, monkeypatch):
    monkeypatch.setattr(health_port, "PATIENCE", 3600)
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3 * CROWD)]
    try:
        wait_until(lambda: sum(map(is_hung_up_on, silent)) >= CROWD, "many of them to be refused")
    finally:
        for link in silent:
            link.close()
    wait_until(lambda: is_answered(port), "somebody else to be answered")


def is_answered(port):
    try:
        return ask(port, "/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def test_a_client_that_drips_is_given_no_more_time_than_others(monkeypatch):
    monkeypatch.setattr(health_port, "PATIENCE", 0.3)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        began = time.monotonic()
        theirs.sendall(b"G")
        with pytest.raises(TimeoutError):
            health_port.read_head(ours)
        assert time.monotonic() - began >= 0.3


def test_a_request_without_an_end_is_read_no_further_than_its_bound(monkeypatch):
    monkeypatch.setattr(health_port, "PATIENCE", 3600)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"G" * (health_port.MOST_BYTES + 1))
        assert len(health_port.read_head(ours)) >= health_port.MOST_BYTES
