"""Durations in buckets, and what can be read from them again."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.histogram import BOUNDS, Histogram, quantile

DURATIONS = st.lists(st.floats(0, BOUNDS[-1]), min_size=1, max_size=50)


def histogram(*durations: float) -> Histogram:
    made = Histogram()
    for seconds in durations:
        made.add(seconds)
    return made


def bucket_of(seconds: float) -> int:
    return histogram(seconds).counts.index(1)


def test_the_bounds_rise():
    assert list(BOUNDS) == sorted(set(BOUNDS))


def test_a_bucket_holds_its_bound_and_nothing_above():
    for index, bound in enumerate(BOUNDS):
        assert bucket_of(bound) == index
        assert bucket_of(bound * 1.0001) == index + 1


def test_below_nothing_is_nothing_and_above_everything_is_the_last():
    assert bucket_of(-3.0) == 0
    assert histogram(-3.0).seconds == 0
    assert bucket_of(10 * BOUNDS[-1]) == len(BOUNDS)
    assert quantile(histogram(10 * BOUNDS[-1]).counts, 0.5) == BOUNDS[-1]


def test_of_nothing_there_is_no_quantile():
    assert quantile(Histogram().counts, 0.5) is None


@pytest.mark.parametrize(("share", "expected"), [(0.25, 0.625), (0.5, 0.75), (1.0, 1.0)])
def test_inside_a_bucket_durations_are_taken_to_lie_evenly(share, expected):
    assert quantile(histogram(*[0.7] * 4).counts, share) == pytest.approx(expected)


@given(DURATIONS)
def test_the_sum_is_of_all_durations(durations):
    assert histogram(*durations).seconds == pytest.approx(sum(durations))


@given(DURATIONS, st.sampled_from([0.05, 0.5, 0.95, 1.0]))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(durations, share):
    rank = max(1, -(-len(durations) * share // 1))
    true = sorted(durations)[int(rank) - 1]
    found = quantile(histogram(*durations).counts, share)
    index = bucket_of(true)
    assert (0.0, *BOUNDS)[index] <= found <= BOUNDS[index]


@given(DURATIONS)
def test_a_higher_share_is_no_shorter_duration(durations):
    counts = histogram(*durations).counts
    found = [quantile(counts, share / 20) for share in range(21)]
    assert found == sorted(found)
    assert statistics.median(found) <= BOUNDS[-1]
