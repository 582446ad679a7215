"""/healthz and /readyz of real web and worker processes, while what they need goes away and comes back."""

import http.client
import json
import signal

import pytest

from tests.processes import tasks
from tests.processes.harness import Site, procfile
from tests.processes.visitor import Visitor
from tests.servers import Postgres, free_port
from tests.services import own
from tests.waiting import wait_until
from workers.models import WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]

BOUNDED = 10
"""Seconds for an answer that takes two at most, on a machine that has other things to do."""


@pytest.fixture
def postgres(on_postgres):
    """A server that the test may stop."""
    server = own(Postgres)
    yield server
    server.stop()


@pytest.fixture
def fragile(tmp_path, postgres, redis):
    """A site whose database may go away."""
    site = Site(tmp_path, postgres.url, redis.url)
    site.run(procfile()["release"])
    site.collect_static_files()
    yield site
    site.stop()


def ask(port, path):
    """(status, what it said), or (0, why not) when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BOUNDED)
    try:
        connection.request("GET", path, headers={"Host": f"10.1.2.3:{port}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except OSError as error:
        return 0, str(error)
    finally:
        connection.close()


def wait_for(site, port, path, status, told=""):
    def answered():
        found, said = ask(port, path)
        return found == status and told in str(said)

    process = site.processes[-1]
    wait_until(answered, lambda: f"{path} {status} {told}; it says {ask(port, path)}\n{process.said()}", 40)


def start_workers(site, arguments=""):
    port = free_port()
    site.launch(f"python manage.py runworker default {arguments} --health-port {port}")
    return port


def test_the_web_says_what_is_away_and_that_it_is_back(fragile, postgres, redis):
    # So that plain HTTP is redirected.
    fragile.env["SITE_URL"] = "https://www.example.com"
    fragile.launch(procfile()["web"])
    port = fragile.port
    wait_for(fragile, port, "/readyz", 200)
    assert ask(port, "/readyz")[1] == {"ready": True, "database": "ok", "migrations": "ok", "layer": "ok"}
    assert Visitor(fragile.url).get("/login/").status == 301

    redis.halt()
    wait_for(fragile, port, "/readyz", 503)
    said = ask(port, "/readyz")[1]
    assert (said["database"], said["layer"] != "ok") == ("ok", True)
    redis.start()
    wait_for(fragile, port, "/readyz", 200)

    postgres.halt()
    wait_for(fragile, port, "/readyz", 503)
    for _ in range(5):
        status, said = ask(port, "/readyz")
        assert (status, said["layer"]) == (503, "ok")
        assert postgres.password not in str(said)
        assert ask(port, "/healthz") == (200, {"alive": True})
    postgres.start()
    wait_for(fragile, port, "/readyz", 200)
    assert "Traceback" not in fragile.processes[-1].said()


def test_a_web_that_is_newer_than_its_database_is_not_ready(fragile):
    fragile.run("python manage.py migrate --verbosity 0 workers 0003")
    fragile.launch(procfile()["web"])
    wait_for(fragile, fragile.port, "/readyz", 503, "not applied; run: python manage.py migrate")
    fragile.run("python manage.py migrate --verbosity 0")
    wait_for(fragile, fragile.port, "/readyz", 200)


def test_workers_are_ready_together_and_not_while_one_is_replaced(site, crew):
    port = start_workers(site, "--processes 2")
    crew.process = site.processes[-1]
    wait_for(site, port, "/readyz", 200)
    assert ask(port, "/healthz") == (200, {"alive": True, "reasons": []})
    before = crew.pids()
    assert len(before) == 2, "it was ready before both had registered"
    crew.kill(next(iter(before)))
    wait_for(site, port, "/readyz", 503)
    wait_for(site, port, "/readyz", 200)
    assert len(crew.pids() - before) == 1


def test_workers_are_not_ready_in_an_outage_and_alive_all_the_same(fragile, postgres):
    port = start_workers(fragile)
    wait_for(fragile, port, "/readyz", 200)
    postgres.halt()
    wait_for(fragile, port, "/readyz", 503, "has not heard from the database for")
    assert ask(port, "/healthz")[0] == 200
    postgres.start()
    wait_for(fragile, port, "/readyz", 200)


def test_workers_that_stop_are_not_ready_and_let_go_of_the_port(site, crew):
    port = start_workers(site, "--grace 20")
    process = crew.process = site.processes[-1]
    wait_for(site, port, "/readyz", 200)
    tasks.hold.enqueue(crew.folder, "held")
    crew.wait_for_mark("held")
    crew.kill(crew.supervisor, signal.SIGTERM)
    wait_for(site, port, "/readyz", 503, "stopping")
    assert ask(port, "/healthz")[0] == 200
    crew.let_go()
    assert process.wait() == 0
    assert ask(port, "/healthz")[0] == 0
    assert not WorkerProcess.objects.exists()


def test_the_port_dies_with_the_supervisor(site, crew):
    port = start_workers(site)
    crew.process = site.processes[-1]
    wait_for(site, port, "/readyz", 200)
    tasks.hold.enqueue(crew.folder, "held")
    crew.wait_for_mark("held")
    crew.kill(crew.supervisor)
    # Its process still finishes the job, and must not be what listens.
    crew.wait(lambda: ask(port, "/healthz")[0] == 0, "nobody to answer")
    assert "held-done" not in crew.marks()
    crew.let_go()
