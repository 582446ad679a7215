"""Who is alive: never declared dead too early, always declared dead in time."""

import os
import socket
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workers import liveness
from workers.liveness import DeathWatch
from workers.models import WorkerProcess

BOUND, GAP, INTERVAL = 30, 16, 5


class Observing(RuleBasedStateMachine):
    """Workers beat, time passes, reads succeed, fail or stop; what is declared dead must really have been silent."""

    def __init__(self):
        super().__init__()
        self.watch = DeathWatch(BOUND, GAP)
        self.now = 1000
        self.counters = {"a": 0, "b": 0}
        self.moved_at = {"a": self.now, "b": self.now}
        self.read_since = None
        self.last_read = None
        self.dead = {}

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds):
        self.now += seconds
        self.dead = {}

    @rule(worker=st.sampled_from("ab"))
    def a_worker_beats(self, worker):
        if worker in self.counters:
            self.counters[worker] += 1
        else:
            self.counters[worker] = 0
        self.moved_at[worker] = self.now
        self.dead.pop(worker, None)

    @rule(worker=st.sampled_from("ab"))
    def a_worker_leaves(self, worker):
        self.counters.pop(worker, None)
        self.dead.pop(worker, None)

    @rule()
    def a_read_succeeds(self):
        if self.last_read is None or self.now - self.last_read > GAP:
            self.read_since = self.now
        self.last_read = self.now
        self.dead = self.watch.observe(self.counters, self.now)

    @rule()
    def a_read_fails(self):
        self.watch.forget()
        self.last_read = None
        self.dead = {}

    @rule(reads=st.integers(1, 12))
    def reads_go_on_undisturbed(self, reads):
        for _ in range(reads):
            self.now += INTERVAL
            self.a_read_succeeds()

    @invariant()
    def the_dead_were_silent_for_the_whole_bound_of_uninterrupted_reads(self):
        for worker, count in self.dead.items():
            assert count == self.counters[worker]
            assert self.now - self.moved_at[worker] >= BOUND
            assert self.now - self.read_since >= BOUND

    @invariant()
    def the_silent_are_dead_after_the_bound_and_two_intervals(self):
        if self.last_read != self.now:
            return
        for worker in self.counters:
            since = max(self.moved_at[worker], self.read_since)
            if self.now - since >= BOUND + GAP:
                assert worker in self.dead


TestObserving = Observing.TestCase


@given(st.floats(0, INTERVAL), st.lists(st.floats(0.1, INTERVAL), min_size=50, max_size=50))
def test_a_death_is_declared_within_the_bound_and_two_intervals(death, pauses):
    watch, now, beats, moved = DeathWatch(BOUND, GAP), 0.0, 0, 0.0
    for pause in pauses * 8:
        now += pause
        if now <= death:
            beats, moved = beats + 1, now
        if watch.observe({"a": beats}, now):
            break
    assert now - moved >= BOUND
    assert now - death <= BOUND + 2 * INTERVAL


def test_an_outage_of_three_bounds_makes_nobody_dead():
    watch = DeathWatch(BOUND, GAP)
    watch.observe({"a": 7}, 0)
    # Nobody could beat: the first reads afterwards still see the old counter.
    assert watch.observe({"a": 7}, 3 * BOUND) == {}
    assert watch.observe({"a": 7}, 3 * BOUND + INTERVAL) == {}
    watch.forget()
    assert watch.observe({"a": 7}, 4 * BOUND) == {}


def test_identities_differ_even_in_one_process_and_fit_their_column():
    made = {liveness.new_identity() for _ in range(100)}
    assert len(made) == 100
    length = WorkerProcess._meta.get_field("id").max_length
    assert max(map(len, made)) <= length
    assert str(os.getpid()) in made.pop()


@pytest.mark.django_db
def test_a_worker_registers_beats_and_leaves():
    liveness.register("default", "w", "default", ["default"], 4)
    assert liveness.beats("default", "default") == {"w": 0}
    assert liveness.beats("default", "other") == {}
    assert liveness.beat("default", "w", stopping=False)
    assert liveness.beats("default", "default") == {"w": 1}
    assert not WorkerProcess.objects.get().stopping
    assert liveness.beat("default", "w", stopping=True)
    assert WorkerProcess.objects.get().stopping
    liveness.unregister("default", "w")
    assert liveness.beats("default", "default") == {}
    assert not liveness.beat("default", "w", stopping=False), "declared dead: the row is gone"


@pytest.mark.django_db
def test_the_dead_of_this_host_are_those_whose_process_is_gone():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here = socket.gethostname()
    rows = [("alive", here, os.getpid()), ("init", here, 1), ("dead", here, gone.pid), ("far", "elsewhere", gone.pid)]
    for name, host, pid in rows:
        WorkerProcess.objects.create(id=name, backend="default", hostname=host, pid=pid, queues=[], concurrency=1)
    assert liveness.dead_on_this_host("default", "default") == ["dead"]
    assert liveness.dead_on_this_host("default", "other") == []
