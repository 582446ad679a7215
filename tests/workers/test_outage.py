"""A service that does not answer: one line, growing pauses, one line when it is over."""

import logging

import pytest

from workers.outage import LONGEST_PAUSE, Outage


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="workers")
    return lambda: [record.getMessage() for record in caplog.records]


def test_an_outage_is_told_once_and_its_end_once(lines):
    outage = Outage("The database")
    for _ in range(50):
        outage.failed(ConnectionError("connection refused"))
    outage.over()
    outage.over()
    began, ended = lines()
    assert began.startswith("The database does not answer: connection refused. Trying again, at least every 5 s;")
    assert ended == "The database answers again."


def test_each_outage_is_told_anew(lines):
    outage = Outage("The database")
    for _ in range(3):
        outage.failed(ConnectionError())
        outage.over()
    assert len(lines()) == 6


def test_an_error_that_says_nothing_is_named(lines):
    Outage("The channel layer").failed(TimeoutError())
    assert "does not answer: TimeoutError." in lines()[0]


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
