"""The judge of ``make chaos`` on how processes ended: politely when asked, and otherwise only when they were hurt."""

from dataclasses import replace

import pytest

from benchmarks.chaos.endings import Departure, unseemly
from benchmarks.chaos.records import OUTAGE, Fault, Tenure
from tests.processes.test_chaos_judge import killed, stopped


def asked(at: float) -> Fault:
    return Fault("terminated", at, at + 20, frozenset({101}), frozenset({101}))


@pytest.mark.parametrize(
    ("code", "faults", "seemly"),
    [
        (0, [asked(60)], True),
        (0, [], False),
        (1, [asked(60)], False),
        (-15, [asked(60)], False),
        (-9, [asked(60)], False),
        (-9, [killed(60)], True),
        (-9, [killed(60, pid=102)], False),
        (1, [Fault(OUTAGE, 1, 2)], False),
        (1, [asked(60), replace(stopped(50, 70, pid=102), post="pair")], True),
        (1, [asked(60), replace(stopped(50, 70, pid=102), post="plain")], False),
    ],
)
def test_a_process_ends_with_0_when_it_is_asked_and_otherwise_only_when_it_is_hurt(code, faults, seemly):
    departure = Departure("pair", 101, code, asked=False, deaf=False, started=0, ended=65, log="")
    assert (not list(unseemly([departure], faults, []))) is seemly


def test_a_process_that_could_not_hear_yet_may_die_of_being_asked():
    departure = Departure("pair", 101, -15, asked=True, deaf=True, started=0, ended=65, log="")
    assert not list(unseemly([departure], [], []))


@pytest.mark.parametrize(("reported", "seemly"), [(55, False), (61, True), (None, True)])
def test_a_child_that_was_only_starting_when_it_was_asked_may_have_been_killed(reported, seemly):
    fault = Fault("rolled over", 60, 80, frozenset({101, 102}), frozenset({101, 102}))
    tenures = [Tenure("host-102-bb", reported)] if reported else []
    departure = Departure("pair", 101, 1, asked=True, deaf=False, started=50, ended=72, log="")
    assert (not list(unseemly([departure], [fault], tenures))) is seemly
