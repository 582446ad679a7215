"""How long jobs were held by workers that were dead, against the documented bound; and rescues without a death."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.chaos.records import ALWAYS, HURTS_WORKERS, OUTAGE, Evidence, Fault, Passage, Tenure, pid_of

RECONNECT = 6.0
"""After an outage of the database a worker may wait 5 s before its next try; until then it watches nobody."""
UNDER_WAY = 1.0
"""Seconds after a process was stopped in which its last statement may still be carried out."""
SLACK = 2.0
"""For a loaded machine."""


@dataclass(frozen=True)
class Rescue:
    """The job was still held ``waited`` seconds after its worker's death, ``allowed`` at most.

    ``cause`` is None when nothing had been done to the worker. ``allowed`` is more than the bound when nobody could
    watch without interruption.
    """

    job: str
    worker: str
    cause: Fault | None
    waited: float = 0.0
    allowed: float = ALWAYS

    @property
    def late(self) -> float:
        """Seconds over what was allowed; 0 when in time."""
        return max(0.0, self.waited - self.allowed) if self.allowed < ALWAYS else 0.0

    def watched(self, bound: float) -> float:
        """How much of the wait counts against the bound: since some worker could watch without interruption."""
        return max(0.0, self.waited - (self.allowed - SLACK - bound)) if self.allowed < ALWAYS else 0.0


def rescues(evidence: Evidence) -> Iterator[Rescue]:
    """Every rescue that took place, and every one that ought to have."""
    watches = list(watched(evidence))
    for job, passages in evidence.passages.items():
        for claim, left in pairwise([*passages, None]):
            if claim is not None and claim.new == "RUNNING":
                yield from _of(evidence, watches, job, claim, left)


def _of(
    evidence: Evidence, watches: list[tuple[float, float]], job: str, claim: Passage, left: Passage | None
) -> Iterator[Rescue]:
    end = left.at if left else ALWAYS
    death = _death(evidence, claim, end)
    rescued = left is not None and left.rescues > claim.rescues
    if death is None:
        if rescued:
            yield Rescue(job, claim.worker, _hurt(evidence, claim, end))
        return
    deadline = _deadline(evidence.rescue_bound, watches, death)
    stays_dead = death.kind == "killed" or death.ended > deadline
    if rescued or (stays_dead and end > deadline):
        yield Rescue(job, claim.worker, death, end - death.began, deadline - death.began)


def _death(evidence: Evidence, claim: Passage, end: float) -> Fault | None:
    """What silenced the worker while it held the job; the last such thing, as it may have survived those before."""
    pid = pid_of(claim.worker)
    silenced = [
        fault
        for fault in evidence.faults
        if fault.kind in {"killed", "stopped"}
        and pid in fault.hit
        and fault.overlaps(claim.at, end)
        # What it claims when it goes on, still under its old id, it holds alive.
        and (fault.kind == "killed" or claim.at <= fault.began + UNDER_WAY)
    ]
    return max(silenced, key=lambda fault: fault.began, default=None)


def _hurt(evidence: Evidence, claim: Passage, end: float) -> Fault | None:
    """Anything else that was done to the worker and may have ended it."""
    pid = pid_of(claim.worker)
    return next(
        (each for each in evidence.faults if each.kind in HURTS_WORKERS and pid in each.touched and each.began <= end),
        None,
    )


def _deadline(bound: float, watches: list[tuple[float, float]], death: Fault) -> float:
    """The end of the first ``bound`` seconds that a worker could watch without interruption."""
    ends = (max(began, death.began) + bound for began, ended in watches if max(began, death.began) + bound <= ended)
    return min(ends, default=ALWAYS) + SLACK


def watched(evidence: Evidence) -> Iterator[tuple[float, float]]:
    """The times in which one worker lived, was left alone, and had the database."""
    for tenure in evidence.tenures:
        began = tenure.began
        for fault in sorted(_disturbances(evidence, tenure), key=lambda each: each.began):
            if fault.began > began:
                yield began, fault.began
            began = max(began, _watches_again(fault))
        if began < tenure.ended:
            yield began, tenure.ended


def _watches_again(fault: Fault) -> float:
    match fault.kind:
        case "stopped":
            return fault.ended
        case kind if kind == OUTAGE:
            return fault.ended + RECONNECT
    return ALWAYS  # killed, or on its way out


def _disturbances(evidence: Evidence, tenure: Tenure) -> Iterator[Fault]:
    for fault in evidence.faults:
        if fault.overlaps(tenure.began, tenure.ended) and fault.may_hurt(tenure.pid):
            yield fault
