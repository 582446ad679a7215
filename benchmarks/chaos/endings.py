"""How the crew's processes ended: only when somebody asked them to or hurt them, and politely with exit code 0."""

import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.chaos.records import Fault, Finding, Tenure

POLITE = {"terminated", "rolled over"}


@dataclass(frozen=True)
class Departure:
    """A process that ended, with its exit code. ``asked``: by a SIGTERM of ours. ``deaf``: one of them came before the
    process had told Python what to do then, which is to die of it."""

    post: str
    pid: int
    code: int
    asked: bool
    deaf: bool
    started: float
    ended: float
    log: str


def unseemly(departures: Iterable[Departure], faults: list[Fault], tenures: list[Tenure]) -> Iterator[Finding]:
    for each in departures:
        mine = [fault for fault in faults if each.pid in fault.touched]
        polite = all(fault.kind in POLITE for fault in mine)
        asked = each.asked or bool(mine)
        codes = _expected(each, faults, was_starting=any(_was_starting(each, fault, tenures) for fault in mine))
        if polite and not (asked and each.code in codes):
            text = f"{each.post} (pid {each.pid}) ended {'' if asked else 'un'}asked with exit code {each.code}"
            yield Finding("processes end when asked, with 0", f"{text}; see {each.log}.")


def _was_starting(departure: Departure, fault: Fault, tenures: list[Tenure]) -> bool:
    """Whether one of its children had not reported itself yet when they were asked."""
    ready = {tenure.pid for tenure in tenures if tenure.began <= fault.began}
    return not fault.touched - {departure.pid} <= ready


def _expected(departure: Departure, faults: list[Fault], *, was_starting: bool) -> set[int]:
    codes = {0}
    if departure.deaf:
        codes.add(-signal.SIGTERM)
    if was_starting or any(
        fault.kind == "stopped" and fault.post == departure.post and fault.overlaps(departure.started, departure.ended)
        for fault in faults
    ):
        # A child that could not obey, on a loaded machine also one that was only starting, had to be killed, and the
        # supervisor says so.
        codes.add(1)
    return codes
