"""The Markdown tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers import all_peers
from benchmarks.peers.peer import Peer
from benchmarks.report.summary import latency, latency_spread, number, spread

Runs = Mapping[str, Sequence[Mapping[str, Any]]]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join('–' if cell is None else str(cell) for cell in line)} |" for line in lines)


def measured_peers(runs: Runs) -> list[Peer]:
    return [peer for peer in all_peers() if any(runs.get(peer.name, []))]


def rates(runs: Runs) -> str:
    head = ("", "drain, jobs/s", "with one producer, jobs/s", "one enqueue, µs", "repeated, % of jobs")
    rows = []
    for peer in sorted(measured_peers(runs), key=lambda peer: -_middle(runs[peer.name], "drain")):
        of = runs[peer.name]
        repeats = spread(of, "repeats")
        rows.append(
            (
                _name(peer),
                spread(of, "drain"),
                spread(of, "flow"),
                spread(of, "enqueue_us"),
                repeats if repeats and repeats.high else 0,
            )
        )
    return table(head, rows)


def latencies(runs: Runs) -> str:
    head = (
        "",
        "from enqueue's return, p50 (runs)",
        "p95",
        "p99",
        "from its call, p50 (runs)",
        "p95",
        "p99",
        "the call itself, p50",
    )
    waits = [(peer, latency_spread(runs[peer.name], "latency_from_return")) for peer in measured_peers(runs)]
    rows = []
    for _, peer in sorted(((wait.middle, peer) for peer, wait in waits if wait), key=lambda each: each[0]):
        of = runs[peer.name]
        cells: list[object] = [_name(peer)]
        for name in ("latency_from_return", "latency_from_call"):
            cells.append(latency_spread(of, name))
            cells += [_number(latency(of, name, per_cent)) for per_cent in (95, 99)]
        rows.append([*cells, _number(latency(of, "idle_call", 50))])
    return table(head, rows)


def idle(runs: Runs) -> str:
    rows = [
        (_name(peer), spread(of, "memory"), int(of[-1]["processes"]), spread(of, "idle_cpu"))
        for peer in measured_peers(runs)
        if (of := [run for run in runs[peer.name] if "memory" in run])
    ]
    return table(("", "memory, MiB", "processes", "processor, % of a core"), rows)


def keeping(runs: Runs, versions: Mapping[str, Sequence[str]]) -> str:
    rows = [
        (_name(peer), peer.how, peer.durable, peer.result, ", ".join(versions.get(peer.name, [])) or "this checkout")
        for peer in measured_peers(runs)
    ]
    return table(
        ("", "how it is run", "a job is kept in, when enqueue returns", "of its end is kept", "versions"), rows
    )


OWN = {
    "flow_together": "end to end with one producer, jobs/s",
    "flow_alone": "what that producer can insert alone, jobs/s",
    "enqueue_us": "one enqueue, µs",
    "create_job_us": "a bare `Job.objects.create()`, the same row, µs",
    "create_page_us": "a bare `create()` of a model with three columns, µs",
    "bulk_us": "one job of a thousand enqueued together, µs",
    "growth_small": "drain with 10,000 other jobs in the table, jobs/s",
    "growth_large": "drain with 1,000,000 finished and 1,000,000 far-future jobs, jobs/s",
    "seen_plain": "drain of 60,000 jobs, jobs/s",
    "counted_ratio": "the same, against without counting",
    "unowned_ratio": "the same, against without live events",
    "watched_ratio": "with an owner who looks at all of them, against that",
    "endurance_rate": "200,000 jobs in a row, jobs/s",
    "held_rate": "the same while a transaction is held open, jobs/s",
    "recorded_after": "from the last of them to all outcomes in PostgreSQL, s",
    "memory_early": "memory after 50,000 of them, MiB",
    "memory_late": "memory after 200,000, MiB",
    "backlog_rate": "the first of a million READY jobs over 5 queues and 3 priorities, jobs/s",
    "useful_rate": "a job with one SELECT and one UPDATE, jobs/s",
    "statements": "statements a minute of an idle worker process, without BEGIN and COMMIT",
    "statements_and_frames": "the same with BEGIN and COMMIT",
    "quiet_cpu": "processor of an idle worker process, % of a core",
}


def own(results: Sequence[Mapping[str, Any]]) -> str:
    rows = [(label, found) for name, label in OWN.items() if (found := spread(results, name))]
    return table(("", "median (lowest–highest)"), rows) if rows else "Not measured in this run."


def _name(peer: Peer) -> str:
    return f"**{peer.name}**" if peer.own else peer.name


def _middle(of: Sequence[Mapping[str, Any]], name: str) -> float:
    found = spread(of, name)
    return found.middle if found else 0.0


def _number(value: float | None) -> str | None:
    return None if value is None else number(value)
