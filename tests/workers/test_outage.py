"""A service that does not answer: one line, growing pauses, one line when it is over."""

import logging

import pytest
from django.db import OperationalError, ProgrammingError

from workers.outage import LONGEST_PAUSE, Outage


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="workers")
    return lambda: [record.getMessage() for record in caplog.records]


def test_an_outage_is_told_once_and_its_end_once(lines):
    outage = Outage("The database")
    outage.over()
    for _ in range(50):
        outage.failed(ConnectionError("connection refused"))
    outage.over()
    outage.over()
    began, ended = lines()
    assert began.startswith("The database does not answer: connection refused. Trying again, at least every 5 s;")
    assert ended == "The database answers again."


class Deadlock(Exception):
    sqlstate = "40P01"


def test_a_deadlock_is_told_as_what_it_is(lines):
    try:
        raise OperationalError("deadlock detected") from Deadlock()
    except OperationalError as error:
        Outage("The database").failed(error)
    assert lines()[0].startswith("The database broke off a transaction for the sake of another: deadlock detected.")


def test_each_outage_is_told_anew(lines):
    outage = Outage("The database")
    for _ in range(3):
        outage.failed(ConnectionError())
        outage.over()
    assert len(lines()) == 6


def test_an_error_that_says_nothing_is_named(lines):
    Outage("The channel layer").failed(TimeoutError())
    assert "does not answer: TimeoutError." in lines()[0]


def test_an_error_of_several_lines_is_told_on_one(lines):
    Outage("The database").failed(ConnectionError("connection refused\n\tIs the server running?\n"))
    assert lines()[0].startswith(
        "The database does not answer: connection refused Is the server running. Is it running, and"
    )


def test_an_outage_lasts_from_the_first_failure_to_the_next_success():
    outage = Outage("The database")
    assert not outage.lasts
    outage.failed(ConnectionError())
    assert outage.lasts
    outage.over()
    assert not outage.lasts


def test_a_success_without_an_outage_says_nothing(lines):
    Outage("The database").over()
    assert lines() == []


def test_pauses_grow_to_their_bound_and_start_small_again():
    outage = Outage("The database")
    pauses = [outage.failed(ConnectionError()) for _ in range(2000)]
    for number, pause in enumerate(pauses):
        longest = min(LONGEST_PAUSE, 0.1 * 2 ** min(number, 10))
        assert longest / 2 <= pause <= longest
    outage.over()
    assert outage.failed(ConnectionError()) <= 0.1


def test_pauses_can_be_kept_shorter():
    outage = Outage("The database", longest=0.5)
    assert max(outage.failed(ConnectionError()) for _ in range(100)) <= 0.5


def test_what_never_answered_may_have_a_wrong_address(lines):
    outage = Outage("The database")
    outage.failed(ConnectionError("refused"))
    outage.over()
    outage.failed(ConnectionError("refused"))
    first, _, second = lines()
    assert "are its address and name right in the settings?" in first
    assert "settings" not in second


@pytest.mark.parametrize(
    "error",
    [ProgrammingError('relation "workers_job" does not exist\nLINE 1'), OperationalError("no such table: job")],
)
def test_a_database_that_was_not_migrated_does_answer(lines, error):
    Outage("The database").failed(error)
    [line] = lines()
    assert line.startswith("The database lacks tables or columns of this release: ")
    assert "Run: python manage.py migrate." in line
