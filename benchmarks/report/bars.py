"""What this project set itself, as ratios within one run, and whether it was met."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.peers import all_peers
from benchmarks.report.summary import latency_spread, number, spread
from benchmarks.report.tables import Runs, table

SELF = "workers"
QUICK = "workers-quick"
"""Through the project's own layer."""
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Bar:
    what: str
    bound: str
    measured: float
    unit: str
    met: bool
    detail: str = ""

    @property
    def row(self) -> tuple[str, str, str, str]:
        return (
            self.what,
            self.bound,
            f"{number(self.measured)}{self.unit}{self.detail}",
            "yes" if self.met else "**no**",
        )


def at_least(what: str, bound: float, value: float | None, unit: str = "×", detail: str = "") -> list[Bar]:
    return [] if value is None else [Bar(what, f"≥ {bound:g}{unit}", value, unit, value >= bound, detail)]


def at_most(what: str, bound: float, value: float | None, unit: str = "×", detail: str = "") -> list[Bar]:
    return [] if value is None else [Bar(what, f"≤ {bound:g}{unit}", value, unit, value <= bound, detail)]


def bars(runs: Runs, own: Rows) -> str:
    found = [*against_peers(runs), *alone(own)]
    if not found:
        return "Not enough was measured in this run."
    return table(("bar", "bound", "measured", "met"), [bar.row for bar in found])


def against_peers(runs: Runs) -> Iterable[Bar]:
    others = [peer for peer in all_peers() if not peer.own]
    durable = [peer.name for peer in others if peer.in_database]
    yield from _drain(runs, "the fastest that is durable in a database", 15, durable)
    yield from _drain(runs, "the fastest of all", 1.5, [peer.name for peer in others])
    for who, layer in ((SELF, ""), (QUICK, ", through the project's layer")):
        yield from _latency(runs, who, f"every database-durable peer{layer}", durable)
        yield from _latency(runs, who, f"Celery{layer}", ["celery"])
    ours, celery = (spread(runs.get(name, []), "memory") for name in (SELF, "celery"))
    if ours and celery:
        detail = f" MiB, Celery's {number(celery.middle)}"
        yield Bar(
            "memory of supervisor and two children",
            "≤ Celery's -c 2",
            ours.middle,
            "",
            ours.middle <= celery.middle,
            detail,
        )


def _best(runs: Runs, names: Sequence[str], of: Callable[[Rows], float | None]) -> list[tuple[float, str]]:
    return sorted((value, name) for name in names if (value := of(runs.get(name, []))) is not None)


def _drain(runs: Runs, whom: str, bound: float, names: Sequence[str]) -> list[Bar]:
    def rate(of: Rows) -> float | None:
        found = spread(of, "drain")
        return found.middle if found else None

    ours, theirs = rate(runs.get(SELF, [])), _best(runs, names, rate)
    if ours is None or not theirs:
        return []
    best, name = theirs[-1]
    return at_least(
        f"drain, against {whom}", bound, ours / best, detail=f" ({number(ours)}/s, {name} {number(best)}/s)"
    )


def _latency(runs: Runs, who: str, whom: str, names: Sequence[str]) -> list[Bar]:
    def middle(of: Rows) -> float | None:
        found = latency_spread(of, "latency_from_return")
        return found.middle if found else None

    ours, theirs = middle(runs.get(who, [])), _best(runs, names, middle)
    if ours is None or not theirs:
        return []
    best, name = theirs[0]
    what = f"idle start latency p50, from enqueue's return, against {whom}"
    return [Bar(what, f"< {number(best)} ms ({name})", ours, " ms", ours < best)]


def alone(own: Rows) -> Iterable[Bar]:
    def middle(name: str) -> float | None:
        found = spread(own, name)
        return found.middle if found else None

    yield from at_most("one enqueue, against a bare `create()` of the same row", 1.3, middle("enqueue_ratio"))
    yield from at_least("enqueue in bulk: cheaper per job", 5, middle("bulk_ratio"))
    yield from at_least("end to end with one producer, against that producer alone", 0.6, middle("flow_ratio"))
    yield from at_least("drain with two million other jobs, against ten thousand", 0.8, middle("growth_ratio"))
    yield from at_least("drain with jobs counted, against without", 0.95, middle("counted_ratio"))
    yield from at_least("drain of jobs nobody owns, against without live events", 0.95, middle("unowned_ratio"))
    yield from at_least("drain while an owner looks at every job, against jobs of nobody", 0.5, middle("watched_ratio"))
    yield from at_most("memory after 200,000 jobs, against after 50,000", 1.05, middle("memory_ratio"))
    yield from at_most("idle worker: processor", 1, middle("quiet_cpu"), unit=" % of a core")
    yield from at_most("idle worker: statements a minute", 30, middle("statements"), unit="")
