"""PostgreSQL or Redis away for longer than a beat may be missed: nothing is lost, rescued, leaked, or told twice."""

import re
import time
from collections import Counter

import pytest
from django.db import connection, connections

from tests.processes import tasks
from tests.processes.conftest import signed_in
from tests.processes.harness import Site, procfile
from tests.servers import Postgres
from tests.services import own
from tests.waiting import wait_until
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]

BOUND = 2
"""Seconds of silence after which a worker is declared dead."""
AWAY = 3 * BOUND


@pytest.fixture
def postgres(on_postgres, django_db_blocker):
    """A server that the test may stop. In this process, too, the models are there."""
    server = own(Postgres)
    ours = connections["default"]
    theirs = connections.create_connection("default")
    address = {"HOST": "127.0.0.1", "PORT": server.port, "USER": "postgres", "PASSWORD": server.password}
    theirs.settings_dict = theirs.settings_dict | address | {"NAME": "postgres", "OPTIONS": {}}
    connections["default"] = theirs
    with django_db_blocker.unblock():
        yield server
        theirs.close()
    connections["default"] = ours
    server.stop()


@pytest.fixture
def site(tmp_path, postgres, redis, mailbox):
    # Of one connection, so that no pool is larger afterwards than it happened to be before.
    site = Site(tmp_path, postgres.url, redis.url, EMAIL_URL=mailbox.url, DB_POOL_SIZE="1")
    site.run(procfile()["release"])
    site.collect_static_files()
    yield site
    site.stop()


@pytest.fixture
def crew(crew):
    """Two workers of one slot each, both of which have used the database for a job."""
    crew.start("send-invite --concurrency 1", processes=2, HEARTBEAT_BOUND=BOUND)
    both_run(crew, "early", "early")
    crew.let_go("early")
    crew.wait_for_state(JobState.SUCCESSFUL, 2)
    return crew


def both_run(crew, *gates):
    """Each worker runs a job, which ends when its gate is opened."""
    names = [f"job-{number}-{gate}" for number, gate in enumerate(gates)]
    for name, gate in zip(names, gates, strict=True):
        tasks.query_and_hold.enqueue(crew.folder, name, gate)
    assert len({crew.wait_for_mark(name) for name in names}) == len(names)


def let_time_pass(seconds):
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, "time to pass", seconds + 5)


def told(process):
    """What the process and its children said above INFO -> how often; an outage by its first words."""
    lines = re.findall(r" (?:WARNING|ERROR|CRITICAL) [\w.]+: (.*)", process.said())
    return Counter(re.sub(r"(does not answer|took no wake-up).*", r"\1", line) for line in lines)


def count_connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("end", [Postgres.halt, Postgres.kill], ids=["stopped", "killed"])
def test_postgresql_may_be_away_for_long(crew, postgres, end):
    workers, connected = crew.pids(), count_connections()
    both_run(crew, "during", "after")
    for number in range(6):
        tasks.query.enqueue(crew.folder, f"waiting-{number}")
    end(postgres)
    connection.close()
    crew.wait(lambda: told(crew.process)["The database does not answer"] == 2, "both to miss it")
    crew.let_go("during")
    let_time_pass(AWAY)
    postgres.start()
    crew.let_go("after")
    crew.wait_for_state(JobState.SUCCESSFUL, 10)
    crew.wait(lambda: told(crew.process)["The database answers again."] == 2, "both to see it again")
    assert told(crew.process) == {"The database does not answer": 2, "The database answers again.": 2}
    assert set(Job.objects.values_list("attempts", "rescues")) == {(1, 0)}
    assert {name: len(times) for name, times in crew.marks().items()} == dict.fromkeys(crew.marks(), 1)
    assert crew.pids() == workers
    both_run(crew, "late", "late")
    crew.let_go("late")
    assert count_connections() == connected


def test_redis_may_be_away_for_long(crew, site, redis):
    visitor = signed_in(site, "ada")
    web = site.processes[-1]
    visitor.invite("before@example.com")
    crew.wait_for_state(JobState.SUCCESSFUL, 3)
    workers, connected, clients = crew.pids(), count_connections(), redis.info("connected_clients")
    both_run(crew, "during", "after")
    redis.halt()
    for number in range(6):
        visitor.invite(f"during-{number}@example.com")
    crew.let_go("during")
    crew.wait(lambda: told(crew.process)["The channel layer does not answer"] == 2, "both to miss it", 40)
    crew.wait_for_state(JobState.SUCCESSFUL, 10)
    let_time_pass(AWAY)
    redis.start()
    # Nothing is sent yet that they could hear.
    crew.wait(lambda: told(crew.process)["The channel layer answers again."] == 2, "both to see it again")
    crew.let_go("after")
    visitor.invite("after@example.com")
    crew.wait_for_state(JobState.SUCCESSFUL, 12)
    wait_until(lambda: "takes wake-ups again" in web.said(), "the web to see it again")
    workers_told = told(crew.process)
    # Each says so once, if it enqueued a reminder meanwhile.
    assert workers_told.pop("The channel layer took no wake-up", 0) <= 2
    assert workers_told == {"The channel layer does not answer": 2, "The channel layer answers again.": 2}
    assert told(web) == {"The channel layer took no wake-up": 1}
    ended = Job.objects.exclude(state=JobState.SCHEDULED)
    assert set(ended.values_list("attempts", "rescues")) == {(1, 0)}
    assert crew.pids() == workers
    assert count_connections() == connected
    # Beside those that wait for messages each worker may keep one that it sent something by.
    assert int(redis.info("connected_clients")) <= int(clients) + len(workers)


def test_pages_are_served_again_once_postgresql_is_back(site, postgres):
    visitor = signed_in(site, "ada")
    assert visitor.get("/").status == 200
    postgres.halt()
    assert visitor.get("/").status == 500
    postgres.start()
    assert visitor.get("/").status == 200
    postgres.restart()
    assert visitor.get("/").status == 200, "it was given a connection of before the restart"
    assert "psycopg.pool" not in site.processes[-1].said()
