"""Gathers the evidence: the marks in the files, and what the witness saw."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.chaos import marks
from benchmarks.chaos.records import ALWAYS, Evidence, Execution, Fault, Request
from benchmarks.chaos.witness import Witness


def gather(folder: Path, witness: Witness, faults: list[Fault], rescue_bound: float) -> Evidence:
    return Evidence(
        rescue_bound=rescue_bound,
        requests=read_requests(marks.requests(folder).read()),
        executions=read_executions(marks.executions(folder).read()),
        rows=witness.rows(),
        passages=witness.passages(),
        effects=witness.effects(),
        tenures=witness.tenures(),
        faults=faults,
    )


def read_requests(lines: list[dict[str, Any]]) -> list[Request]:
    """A request with no word about its commit, because its producer ended there, is doubted."""
    fates = {line["key"]: line for line in lines if line["event"] != "intended"}
    silence = {"event": "doubted", "at": ALWAYS}
    return [
        Request(line["key"], line["kind"], fate["event"], line["due"], line["at"], fate["at"])
        for line in lines
        if line["event"] == "intended"
        for fate in [fates.get(line["key"], silence)]
    ]


def read_executions(lines: list[dict[str, Any]]) -> dict[str, list[Execution]]:
    ends = {line["nonce"]: line for line in lines if line["event"] == "end"}
    found = defaultdict(list)
    for line in lines:
        if line["event"] == "start":
            end = ends.get(line["nonce"], {})
            found[line["key"]].append(
                Execution(
                    line["key"],
                    line["nonce"],
                    line["pid"],
                    line["worker"],
                    line["at"],
                    end.get("at"),
                    end.get("end", ""),
                )
            )
    return dict(found)
