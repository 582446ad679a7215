"""The judge: pure functions from the evidence to what was not kept. ``doubles`` and ``rescues`` have their own."""

from collections.abc import Callable, Iterator

from benchmarks.chaos.doubles import doubles
from benchmarks.chaos.kinds import FINISHED, KINDS, SUCCESSFUL
from benchmarks.chaos.records import OUTAGE, Evidence, Execution, Finding, Request, Row
from benchmarks.chaos.rescues import rescues

BECOMES = {("SCHEDULED", "READY"), ("READY", "RUNNING")}
"""How a job changes that no worker holds; nobody steers them by hand here."""
EARLY = 0.05
"""Seconds that two readings of the clock, one before and one after the other, may differ."""


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that was promised and not kept; empty when all is well."""
    rules: list[Callable[[Evidence], Iterator[Finding]]] = [
        none_lost,
        doubts_have_a_cause,
        none_withdrawn_ran,
        none_stuck,
        all_ended_as_they_should,
        changes_are_lawful,
        each_recorded_once,
        recorded_is_what_ran,
        effects_exactly_once,
        none_early,
        doubles_have_a_cause,
        rescues_have_a_cause,
        rescues_in_time,
    ]
    return [finding for rule in rules for finding in rule(evidence)]


def none_lost(evidence: Evidence) -> Iterator[Finding]:
    for request in evidence.requests:
        rows = evidence.rows.get(request.key, [])
        if request.fate == "committed" and not rows:
            yield Finding("none lost", f"{request.key} was enqueued and committed, and has no row.", (request.key,))
        if len(rows) > 1:
            yield _finding(evidence, "none lost", request.key, f"was enqueued once and has {len(rows)} rows")


def doubts_have_a_cause(evidence: Evidence) -> Iterator[Finding]:
    """Redis, the workers and a deploy may keep nobody from asking for a job."""
    outages = [fault for fault in evidence.faults if fault.kind == OUTAGE]
    for request in evidence.requests:
        if request.fate == "doubted" and not any(each.overlaps(request.asked, request.answered) for each in outages):
            text = "could not be enqueued, or without an answer, and the database was there"
            yield _finding(evidence, "enqueue needs the database alone", request.key, text)


def none_withdrawn_ran(evidence: Evidence) -> Iterator[Finding]:
    for request in evidence.requests:
        rows, ran = evidence.rows.get(request.key), evidence.executions.get(request.key)
        if request.fate == "withdrawn" and (rows or ran):
            yield _finding(evidence, "what is rolled back never runs", request.key, "was rolled back and is there")
        elif ran and not rows:
            yield _finding(evidence, "what is rolled back never runs", request.key, "ran, and its row never committed")


def none_stuck(evidence: Evidence) -> Iterator[Finding]:
    for _, row in _answers(evidence):
        if row.state not in FINISHED:
            yield _finding(evidence, "none stuck", row.key, f"is still {row.state}")


def all_ended_as_they_should(evidence: Evidence) -> Iterator[Finding]:
    for request, row in _answers(evidence):
        kind = KINDS[request.kind]
        spent = row.state == "FAILED" and row.rescues > evidence.max_rescues
        if row.state not in FINISHED or spent:
            continue
        if row.state != kind.ends:
            yield _finding(evidence, "ends as it should", row.key, f"({request.kind}) is {row.state}, not {kind.ends}")
        elif kind.attempts is not None and row.attempts != kind.attempts:
            text = f"({request.kind}) counts {row.attempts} attempts, not {kind.attempts}"
            yield _finding(evidence, "ends as it should", row.key, text)


def changes_are_lawful(evidence: Evidence) -> Iterator[Finding]:
    """Whoever ends or hands back a job must hold it: what a ghost writes leaves another state than RUNNING."""
    for _, row in _answers(evidence):
        for each in evidence.passages.get(row.id, []):
            if each.old != "RUNNING" and (each.old, each.new) not in BECOMES:
                text = f"went from {each.old} to {each.new}, last held by {each.worker}"
                yield _finding(evidence, "no outcome under a lost lease", row.key, text)


def each_recorded_once(evidence: Evidence) -> Iterator[Finding]:
    for _, row in _answers(evidence):
        ends = [passage for passage in evidence.passages.get(row.id, []) if passage.new in FINISHED]
        if len(ends) > 1:
            states = ", then ".join(passage.new for passage in ends)
            yield _finding(evidence, "nothing finished twice", row.key, f"was recorded {states}")


def recorded_is_what_ran(evidence: Evidence) -> Iterator[Finding]:
    """The recorded result is that of an attempt made under the last claim: none of a lost lease was recorded."""
    for request, row in _answers(evidence):
        if row.state != SUCCESSFUL:
            continue
        promise = "no outcome under a lost lease"
        recorded = [each for each in evidence.executions.get(row.key, []) if each.nonce == row.recorded]
        if not recorded:
            yield _finding(evidence, promise, row.key, f"has the result {row.recorded!r}, which no attempt returned")
        elif why := _not_under_the_last_claim(evidence, row, recorded[0]):
            yield _finding(evidence, promise, row.key, why)
        elif recorded[0].end != "ok" and not KINDS[request.kind].transactional:
            yield _finding(evidence, promise, row.key, f"has the result of an attempt that ended {recorded[0].end!r}")


def _not_under_the_last_claim(evidence: Evidence, row: Row, recorded: Execution) -> str:
    claims = [passage for passage in evidence.passages.get(row.id, []) if passage.new == "RUNNING"]
    if not claims:
        return "ended without having been claimed"
    if claims[-1].worker != recorded.worker:
        return f"was last claimed by {claims[-1].worker}, and what {recorded.worker} did was recorded"
    if recorded.began < claims[-1].at - EARLY:
        return f"has the result of an attempt that began before its last claim by {recorded.worker}"
    return ""


def effects_exactly_once(evidence: Evidence) -> Iterator[Finding]:
    promise = "transactional effects exactly once"
    for request, row in _answers(evidence):
        if not KINDS[request.kind].transactional:
            continue
        effects = evidence.effects.get(row.key, [])
        if len(effects) != (row.state == SUCCESSFUL):
            yield _finding(evidence, promise, row.key, f"is {row.state} and has {len(effects)} effects")
        elif effects and effects[0] != row.recorded:
            yield _finding(evidence, promise, row.key, f"has the effect of {effects[0]}, the result of {row.recorded}")


def none_early(evidence: Evidence) -> Iterator[Finding]:
    for request in evidence.requests:
        for each in evidence.executions.get(request.key, []):
            if request.due is not None and each.began < request.due - EARLY:
                early = request.due - each.began
                yield _finding(
                    evidence, "no worker's clock matters", request.key, f"ran {early:.2f} s before it was due"
                )


def doubles_have_a_cause(evidence: Evidence) -> Iterator[Finding]:
    for double in doubles(evidence):
        if double.cause is None:
            text = f"ran again ({double.why}), and no fault explains it"
            yield _finding(evidence, "double executions traceable", double.second.key, text)


def rescues_have_a_cause(evidence: Evidence) -> Iterator[Finding]:
    for rescue in rescues(evidence):
        if rescue.cause is None:
            text = f"Job {rescue.job} was taken from {rescue.worker}, to which nothing had been done."
            yield Finding("no rescue of the living", text, (rescue.job,))


def rescues_in_time(evidence: Evidence) -> Iterator[Finding]:
    for rescue in rescues(evidence):
        if rescue.late > 0:
            text = (
                f"Job {rescue.job} was held by {rescue.worker} for {rescue.waited:.1f} s after its death, "
                f"{rescue.late:.1f} s longer than it may."
            )
            yield Finding("rescue inside its bound", text, (rescue.job,))


def _answers(evidence: Evidence) -> Iterator[tuple[Request, Row]]:
    """Every request that is not withdrawn, with its row. One whose answer was lost counts when its row is there."""
    for request in evidence.requests:
        if request.fate != "withdrawn":
            for row in evidence.rows.get(request.key, [])[:1]:
                yield request, row


def _finding(evidence: Evidence, promise: str, key: str, what: str) -> Finding:
    return Finding(promise, f"Job {evidence.name(key)} {what}.", (key,))
