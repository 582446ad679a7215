"""Web and workers behind PgBouncer in transaction mode: every kind of job ends as promised, and no session keeps
anything of it."""

from collections import Counter
from contextlib import ExitStack

import psycopg
import pytest
from django.db import connection

from invitations.models import Invitation
from tests import tasks as plain
from tests.contract import completions
from tests.pgbouncer import SESSIONS, PgBouncer
from tests.processes import tasks
from tests.services import own
from tests.waiting import wait_until
from workers import steering
from workers.models import AttemptKind, Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

MANY = 20
# PgBouncer sets these anew for each client, as it finds them there.
PASSED_ON = {"application_name", "client_encoding", "DateStyle", "standard_conforming_strings", "TimeZone"}
LEFT_BEHIND = """
    SELECT 'setting', name, setting FROM pg_settings WHERE source = 'session'
    UNION ALL SELECT 'statement', name, statement FROM pg_prepared_statements
    UNION ALL SELECT 'cursor', name, statement FROM pg_cursors
    UNION ALL SELECT 'lock', objid::text, mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
    UNION ALL SELECT 'channel', channel, '' FROM pg_listening_channels() AS channel
"""
IN_ALL_TRANSACTIONS = {"lock_timeout": "0", "statement_timeout": "0", "synchronous_commit": "on"}


@pytest.fixture
def bouncer(on_postgres, transactional_db):
    at = connection.settings_dict
    server = own(lambda: PgBouncer(at["NAME"], at["USER"], at["PASSWORD"], at["HOST"], at["PORT"]))
    yield server
    server.stop()


@pytest.fixture
def site(bouncer, site):
    """Its processes know PgBouncer only."""
    site.env["DATABASE_URL"] = site.database_url = bouncer.url
    return site


def test_every_kind_of_job_ends_as_promised_and_leaves_nothing_in_any_session(crew, site, visitor, mailbox, bouncer):
    crew.start("send-invite", processes=2)
    visitor.invite_all([f"guest-{number}@example.com" for number in range(MANY)])
    endless = plain.report_until_called_off.enqueue()
    slow = tasks.sleep_in_the_database.enqueue()
    for number in range(MANY):
        plain.count_jobs.enqueue()
        plain.succeed_at.enqueue(3)
        plain.report.enqueue(3, 2)
        completions.complete.enqueue(f"group {number}", number)
        tasks.walk_through_jobs.enqueue()
    crew.wait(lambda: Job.objects.get(id=endless.id).state == JobState.RUNNING, "the endless job to run")
    steering.cancel([endless.id], by="ann")

    waiting = (
        Job.objects.filter(finished_at=None)
        .exclude(task__startswith="invitations.expiring")
        .exclude(task__startswith="invitations.reminding")
    )
    wait_until(lambda: not waiting.exists(), lambda: f"all to end: {tally()}\n{crew.process.said()[-4000:]}", 60)
    assert tally() == {
        ("send_invite", JobState.SUCCESSFUL, 1): MANY,
        # Planned for the days to come.
        ("remind", JobState.SCHEDULED, 0): MANY,
        ("tell_of_expiry", JobState.SCHEDULED, 0): MANY,
        ("count_jobs", JobState.SUCCESSFUL, 1): MANY,
        ("succeed_at", JobState.SUCCESSFUL, 3): MANY,
        ("report", JobState.SUCCESSFUL, 1): MANY,
        ("complete", JobState.SUCCESSFUL, 1): MANY,
        ("walk_through_jobs", JobState.SUCCESSFUL, 1): MANY,
        ("report_until_called_off", JobState.CANCELLED, 1): 1,
        ("sleep_in_the_database", JobState.FAILED, 1): 1,
    }
    assert Job.objects.get(id=slow.id).failures.get().exception_class_path == "workers.exceptions.TaskTimeout"
    assert Job.objects.get(id=endless.id).failures.get().kind == AttemptKind.CANCELLED
    assert mailbox.accepted == {invitation.email: 1 for invitation in Invitation.objects.all()}
    assert "does not answer" not in crew.process.said()

    sessions = bouncer.sessions()
    assert len(sessions) == SESSIONS
    site.stop()
    found = {pid: settings for pid, settings in look_into_each_session(bouncer)}
    assert found == dict.fromkeys(sessions, (IN_ALL_TRANSACTIONS, []))


def tally() -> dict[tuple[str, JobState, int], int]:
    """(task, state, attempts) -> how many jobs."""
    rows = Job.objects.values_list("task", "state", "attempts")
    return dict(Counter((task.rpartition(".")[2], JobState(state), attempts) for task, state, attempts in rows))


def look_into_each_session(bouncer):
    """(pid, settings, what was left behind) of every session: each is held by a transaction until all were seen."""
    with ExitStack() as held:
        for _ in range(SESSIONS):
            client = held.enter_context(psycopg.connect(bouncer.url))
            [(pid,)] = client.execute("SELECT pg_backend_pid()").fetchall()
            settings = {name: client.execute(f"SHOW {name}").fetchone()[0] for name in IN_ALL_TRANSACTIONS}
            left = [row for row in client.execute(LEFT_BEHIND).fetchall() if row[1] not in PASSED_ON]
            yield pid, (settings, left)
