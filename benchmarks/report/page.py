"""docs/benchmarks.md and its picture."""

from pathlib import Path
from string import Template
from typing import Any

from benchmarks.report import bars, plot, tables

TEMPLATE = Path(__file__).with_name("page.md")


def markdown(results: dict[str, Any]) -> str:
    runs, own, effort = results["peers"], results["own"], results["effort"]
    return Template(TEMPLATE.read_text()).substitute(
        bars=bars.bars(runs, own),
        rates=tables.rates(runs),
        latencies=tables.latencies(runs),
        idle=tables.idle(runs),
        own=tables.own(own),
        keeping=tables.keeping(runs, results["versions"]),
        machine="\n".join(f"- {name}: {value}" for name, value in results["machine"].items()),
        effort=f"{effort['runs']} runs" if effort["runs"] > 1 else "one run of each",
        warning="**A quick run, to see that it works: no figures to quote.**\n\n" if effort["quick"] else "",
        failures=_failures(results["failures"]),
    )


def picture(results: dict[str, Any]) -> str:
    facts = results["machine"]
    note = f"{facts['processor']}, no-op jobs, two worker processes, {facts['date'][:10]}; how: docs/benchmarks.md"
    return plot.draw(results["peers"], note)


def _failures(failures: list[str]) -> str:
    if not failures:
        return ""
    told = "\n".join(f"- {failure.splitlines()[0][:300]}" for failure in failures)
    return f"\n## What failed in this run\n\n{told}\n"
