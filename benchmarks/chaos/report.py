"""The report: counts for people, printed and, if asked for, kept as a page."""

import os
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.chaos.doubles import doubles
from benchmarks.chaos.records import Evidence, Finding
from benchmarks.chaos.rescues import rescues

PAGE = """# Chaos

Producers, three workers (one with two processes, one whose clock is an hour off), PostgreSQL and Redis, for real; and
somebody who kills, stops and restarts them all the time, and rolls between two releases. The last part sees no worker
hurt, so that no rescue can hide a job that was forgotten. Every attempt leaves a mark in a file, a transactional one
also a row without a unique constraint, and a trigger in the database notes every change of state. The verdict comes
from those.

    make chaos MINUTES={minutes:g} SEED={seed}

The seed decides which faults come when; the machine's own timing is not in its power. How it is judged:
[`benchmarks/chaos/judge.py`](../benchmarks/chaos/judge.py). The latest run that was kept:

{report}"""


@dataclass(frozen=True)
class Report:
    """What the run was, and what came of it."""

    seed: int
    minutes: float
    drained_in: float
    evidence: Evidence
    findings: list[Finding]
    log_counts: Counter[str]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def page(self) -> str:
        return PAGE.format(minutes=self.minutes, seed=self.seed, report=self)

    def _lines(self) -> Iterator[str]:
        evidence, jobs = self.evidence, sum(map(len, self.evidence.rows.values()))
        machine = (
            f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
        )
        yield f"{datetime.now(UTC):%Y-%m-%d}, {machine}; seed {self.seed}, {self.minutes:g} minutes."
        executions = sum(map(len, evidence.executions.values()))
        counted = f"{jobs:,} jobs, {executions:,} attempts, {len(evidence.faults)} faults"
        yield f"{counted}; drained {self.drained_in:.0f} s after."
        yield ""
        yield from _table("fault", Counter(fault.kind for fault in evidence.faults))
        kinds = {request.key: request.kind for request in evidence.requests}
        ends = Counter(f"{kinds.get(row.key, '?')}: {row.state}" for rows in evidence.rows.values() for row in rows)
        yield from _table("job and its end", ends)
        yield from _table("enqueue", Counter(request.fate for request in evidence.requests))
        found = list(doubles(evidence))
        causes = Counter(f"{double.cause.kind if double.cause else 'NO CAUSE'}: {double.why}" for double in found)
        yield from _table("attempt made although another gave no reason to", causes)
        yield from _table("in the workers' logs", self.log_counts)
        yield from self._rescue_lines()
        yield from self._verdict()

    def _rescue_lines(self) -> Iterator[str]:
        found, bound = list(rescues(self.evidence)), self.evidence.rescue_bound
        counted = _longest(each.watched(bound) for each in found)
        yield f"{len(found)} jobs were held by lost workers, for {_longest(each.waited for each in found)} at most."
        yield f"Counted from when another worker could watch: {counted} at most; promised are {bound:g} s."
        yield ""

    def _verdict(self) -> Iterator[str]:
        if not self.findings:
            yield "**Nothing lost, nothing stuck, nothing finished twice.**"
            return
        yield f"**{len(self.findings)} promises were not kept:**"
        yield ""
        yield from (f"- {finding.promise}: {finding.sentence}" for finding in self.findings)


def _longest(waits: Iterable[float]) -> str:
    return f"{max(waits, default=0):.1f} s"


def _table(title: str, counts: "Counter[str]") -> Iterable[str]:
    if not counts:
        return []
    rows = [f"| {name} | {count:,} |" for name, count in sorted(counts.items())]
    return [f"| {title} | |", "| --- | ---: |", *rows, ""]
