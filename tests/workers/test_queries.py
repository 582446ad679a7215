"""A timeout stops a slot that waits for the database, and the next job finds a sound connection."""

import queue
import threading
import time

import pytest
from django.db import connection

from tests.workers import declared
from workers import queries
from workers.begun import Begun
from workers.conf import Options
from workers.inbox import Claimed
from workers.models import Job, JobState
from workers.slots import Slots

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slot():
    """``slot(task)``: its outcome, from the one slot that runs all of the test's jobs."""
    todo, done, stuck = queue.SimpleQueue(), queue.SimpleQueue(), []
    slots = Slots(1, Options(), todo, done.put, stuck.append, Begun(1))
    slots.start()

    def run(task):
        todo.put(Claimed(Job(task=task.module_path, state=JobState.RUNNING), time.monotonic()))
        return done.get(timeout=15)

    yield run
    slots.close()
    assert not stuck
    for thread in slots._threads:
        thread.join(10)
        queries._connections_of.pop(thread.ident, None)


@pytest.mark.parametrize(
    "endless",
    [declared.query_for_ever, declared.query_for_ever_in_a_transaction, declared.query_for_ever_and_hide_it],
    ids=lambda task: task.name,
)
def test_a_slot_in_an_endless_query_stops_at_its_timeout_and_goes_on_with_the_next_job(slot, endless):
    for _ in range(2):
        began = time.monotonic()
        stopped = slot(endless)
        assert time.monotonic() - began < 5
        assert stopped.state is JobState.FAILED
        assert stopped.failure.exception_class_path == "workers.exceptions.TaskTimeout"
        after = slot(declared.ask_the_database)
        assert (after.state, after.return_value) == (JobState.SUCCESSFUL, 2)


def test_a_query_of_another_thread_is_left_alone(slot):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        slot(declared.query_for_ever)
        assert cursor.fetchone() == (1,)
    assert threading.get_ident() not in queries._connections_of


def test_a_thread_that_asked_nothing_has_nothing_to_cancel(slot):
    assert slot(declared.plain).state is JobState.SUCCESSFUL
    queries.cancel(threading.get_ident())
    queries.cancel(-1)


def test_cancelling_a_closed_connection_is_no_error(slot):
    """The job may end, and close its connection, while its query is being cancelled."""
    slot(declared.ask_the_database)
    for thread in list(queries._connections_of):
        queries.cancel(thread)
    assert slot(declared.ask_the_database).return_value == 2
