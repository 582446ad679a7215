"""Waiting before the next attempt: bounded, spread out, and never an error."""

import pickle
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import Constant, Exponential
from workers.backoff import ceiling

seconds = st.floats(0, 1e6)
attempts = st.integers(1, 10_000)


def after(attempt):
    return SimpleNamespace(attempts=attempt)


@given(attempts, seconds, st.floats(1, 100), seconds)
def test_full_jitter_stays_between_nothing_and_the_ceiling(attempt, base, factor, cap):
    wait = Exponential(base, factor, cap)(ValueError(), after(attempt))
    assert 0 <= wait <= ceiling(attempt, base, factor, cap) <= cap


@given(st.integers(1, 9_999), seconds, st.floats(1, 100), seconds)
def test_the_ceiling_never_sinks_from_one_attempt_to_the_next(attempt, base, factor, cap):
    assert ceiling(attempt, base, factor, cap) <= ceiling(attempt + 1, base, factor, cap)


@pytest.mark.parametrize("factor", [2, 2.0, 1e300])
@pytest.mark.parametrize("base", [5, 5.0, 0, 0.0])
def test_the_ten_thousandth_attempt_waits_the_cap_and_overflows_nothing(base, factor):
    assert ceiling(10_000, base, factor, 3600.0) == (3600.0 if base else 0)


def test_the_ceiling_doubles_from_five_seconds_to_an_hour():
    assert [ceiling(attempt, 5.0, 2.0, 3600.0) for attempt in (1, 2, 3, 10, 11, 12)] == [5, 10, 20, 2560, 3600, 3600]


def test_jitter_uses_the_whole_range():
    waits = [Exponential(base=100.0)(ValueError(), after(1)) for _ in range(500)]
    assert min(waits) < 10
    assert max(waits) > 90


def test_constant_waits_the_same_every_time():
    assert [Constant(7)(ValueError(), after(attempt)) for attempt in (1, 2, 10_000)] == [7, 7, 7]


@pytest.mark.parametrize("backoff", [Exponential(), Exponential(1, 3, 9), Constant(2)])
def test_backoffs_survive_pickling(backoff):
    assert pickle.loads(pickle.dumps(backoff)) == backoff  # noqa: S301
