"""docs/recipes/gunicorn-nginx.md, done, with the echo behind it."""

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.nginx import Nginx
from tests.processes.harness import QUICK, Process
from tests.processes.visitor import Visitor
from tests.recipes.conftest import Kitchen
from tests.recipes.pages import processes, text_of
from tests.servers import free_port
from tests.services import own
from tests.sockets import open_socket, refusal
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["echo", "gunicorn-nginx"]


@dataclass
class Front:
    """What the browser sees, and the two processes behind it."""

    site: Kitchen
    pages: Process
    sockets: Process
    log: Path

    @property
    def url(self) -> str:
        return self.site.url


@pytest.fixture(scope="module")
def front(site):
    """All three of the page, on ports that are free here."""
    ports = {"8000": str(site.port), "8001": str(free_port()), "8002": str(free_port()), "/var/log/nginx/": ""}

    def here(text):
        for told, free in ports.items():
            text = text.replace(told, free)
        return text

    nginx = own(lambda: Nginx(here(text_of("gunicorn-nginx", "nginx.conf")), site.port))
    commands = processes("gunicorn-nginx")
    pages = site.launch(f"{here(commands['pages'])} --access-logfile -")
    sockets = site.launch(here(commands["sockets"]))
    for port in (ports["8001"], ports["8002"]):
        visitor = Visitor(f"http://127.0.0.1:{port}")
        wait_until(lambda visitor=visitor: visitor.is_answered("/login/"), f"{port} to answer", 30)
    yield Front(site, pages, sockets, nginx.directory / "myproject.log")
    print(f"---- nginx\n{nginx.log.read_text()}")
    nginx.stop()


def test_one_address_for_pages_by_gunicorn_and_sockets_by_daphne(front):
    before = front.sockets.said().count("HTTP GET")
    visitor = front.site.sign_in("ada")
    assert visitor.get("/invitations/").status == 200
    with open_socket(front.url, "/ws/echo/", visitor) as socket:
        socket.send("through nginx")
        assert socket.recv(timeout=10) == "through nginx"
    wait_until(lambda: "GET /invitations/" in front.pages.said(), front.pages.said)
    wait_until(lambda: "WSCONNECT /ws/echo/" in front.sockets.said(), front.sockets.said)
    assert front.sockets.said().count("HTTP GET") == before


def test_host_and_origin_arrive_as_the_browser_said_them(front):
    assert refusal(front.url, "/ws/echo/", origin="https://evil.example") == 403


def test_no_log_tells_the_token_of_a_link(front):
    link, token = f"/invitations/{uuid4()}/", "t" * 43
    assert Visitor(front.url).get(f"{link}{token}/?from=mail").status == 302
    for told in (front.log.read_text, front.pages.said):
        wait_until(lambda told=told: f"GET {link}[token]/?from=mail" in told(), told)
        assert token not in told()


def test_an_upload_of_two_megabytes_passes(front):
    answer = front.site.sign_in("ada").post("/pictures/", {}, [("pictures", "big.jpg", bytes(2_000_000))])
    assert (answer.status, answer.headers["Location"]) == (302, "/pictures/"), answer.text


def test_no_client_chooses_daphnes_root_path(front):
    with open_socket(front.url, "/ws/echo/", headers={"Daphne-Root-Path": "/elsewhere"}) as socket:
        socket.send("still here")
        assert socket.recv(timeout=10) == "still here"


def test_a_job_enqueued_by_gunicorn_wakes_its_worker(front):
    # They look by themselves so seldom here that nothing else can wake them in time.
    front.site.env["WORKERS_OPTIONS"] = json.dumps(QUICK | {"POLL_INTERVAL": 60})
    worker = front.site.launch("python manage.py runworker send-invite")
    visitor = front.site.sign_in("ada")

    def sent():
        return front.site.rows("SELECT count(*) FROM workers_job WHERE state = 'SUCCESSFUL'")[0][0]

    for number in (1, 2):
        visitor.invite(f"guest-{number}@example.com")
        wait_until(lambda number=number: sent() == number, worker.said, 30)
