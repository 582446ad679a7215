"""When a worker process makes room for a fresh one."""

from hypothesis import given
from hypothesis import strategies as st

from workers.recycling import MEBIBYTE, UNLIMITED, Limits, memory_held, why_recycle

limits = st.builds(Limits, st.none() | st.integers(1, 10**9), st.none() | st.integers(1, 10**6))
lot = st.floats(0, 1)


@given(limits, lot)
def test_jitter_takes_a_tenth_away_at_most_and_never_everything(limits, lot):
    drawn = limits.jittered(lot)
    for given_, got in [(limits.max_jobs, drawn.max_jobs), (limits.max_memory, drawn.max_memory)]:
        assert (got is None) == (given_ is None)
        assert given_ is None or max(1, 0.9 * given_ - 1) <= got <= given_


@given(limits, st.integers(0, 10**13))
def test_a_process_that_has_done_nothing_is_not_recycled(limits, memory):
    assert why_recycle(limits, 0, memory) is None


@given(st.integers(1, 10**9), st.integers(0, 10**13))
def test_without_limits_a_process_lives_for_ever(jobs, memory):
    assert why_recycle(UNLIMITED, jobs, memory) is None


def test_the_reason_is_told():
    assert why_recycle(Limits(max_jobs=10), 9, 0) is None
    assert why_recycle(Limits(max_jobs=10), 10, 0) == "it took 10 jobs, of at most 10"
    assert why_recycle(Limits(max_memory=100), 1, 100 * MEBIBYTE) is None
    assert why_recycle(Limits(max_memory=100), 1, 102 * MEBIBYTE) == "it holds 102 MB of memory, more than 100"


def test_memory_is_counted_in_bytes():
    before = memory_held()
    ballast = b"x" * (64 * MEBIBYTE)
    assert 32 * MEBIBYTE < memory_held() - before < 128 * MEBIBYTE
    assert ballast
