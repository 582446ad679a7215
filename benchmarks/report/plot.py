"""A picture for the README: drain rate and idle start latency, drawn with nothing but text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.report.summary import latency_spread, number, spread
from benchmarks.report.tables import Runs, measured_peers

ROW, LABEL, BAR, VALUE, GAP, TOP = 22, 118, 250, 78, 26, 62
# Whoever looks has a light or a dark page; the picture has no ground of its own.
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #3d444d; }
.head { font-weight: 600; font-size: 13px; } .own { font-weight: 600; } .note { font-size: 11px; fill: #656d76; }
.bar { fill: #9aa4b0; } .durable { fill: #5f8fc9; } .ours { fill: #2f9e5b; }
@media (prefers-color-scheme: dark) {
  text { fill: #d1d7e0; } .note { fill: #9198a1; } .bar { fill: #6e7781; }
  .durable { fill: #5b8fd0; } .ours { fill: #3fb56c; }
}
"""


@dataclass(frozen=True)
class Line:
    name: str
    value: float
    kind: str


def draw(runs: Runs, note: str) -> str:
    """SVG. Empty panels are left out."""
    rates, waits = [], []
    for peer in measured_peers(runs):
        kind = "ours" if peer.own else "durable" if peer.in_database else "bar"
        if rate := spread(runs[peer.name], "drain"):
            rates.append(Line(peer.name, rate.middle, kind))
        if wait := latency_spread(runs[peer.name], "latency_from_return"):
            waits.append(Line(peer.name, wait.middle, kind))
    panels = [
        _panel("Drain, jobs a second", "more is better", sorted(rates, key=lambda line: -line.value), log=False),
        _panel(
            "Idle start latency, ms",
            "less is better; logarithmic",
            sorted(waits, key=lambda line: line.value),
            log=True,
        ),
    ]
    step = LABEL + BAR + VALUE + GAP
    height = TOP + ROW * max(len(rates), len(waits)) + 44
    body = [f'<g transform="translate({index * step}, 0)">{panel}</g>' for index, panel in enumerate(panels)]
    legend = "green: this project; blue: durable in PostgreSQL when enqueue returns; grey: as durable as Redis is"
    foot = [legend, note]
    body += [
        f'<text class="note" x="8" y="{height - 24 + 16 * index}">{escape(text)}</text>'
        for index, text in enumerate(foot)
    ]
    size = f'width="{2 * step}" height="{height}" viewBox="0 0 {2 * step} {height}"'
    label = "Drain rate and idle start latency of this project and its peers"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
        f"<style>{STYLE}</style>{''.join(body)}</svg>\n"
    )


def _panel(title: str, note: str, lines: Sequence[Line], log: bool) -> str:
    parts = [
        f'<text class="head" x="8" y="22">{title}</text>',
        f'<text class="note" x="8" y="40">{note}</text>',
    ]
    lengths = _lengths([line.value for line in lines], log)
    for index, (line, length) in enumerate(zip(lines, lengths, strict=True)):
        y = TOP + index * ROW
        own = ' class="own"' if line.kind == "ours" else ""
        parts.append(f'<text{own} x="{LABEL - 6}" y="{y + 11}" text-anchor="end">{escape(line.name)}</text>')
        parts.append(f'<rect class="{line.kind}" x="{LABEL}" y="{y}" width="{length:.1f}" height="14" rx="2"/>')
        parts.append(f'<text{own} x="{LABEL + length + 6:.1f}" y="{y + 11}">{number(line.value)}</text>')
    return "".join(parts)


def _lengths(values: Sequence[float], log: bool) -> list[float]:
    if not values:
        return []
    if not log:
        return [max(1.0, BAR * value / max(values)) for value in values]
    # The shortest bar stands for a tenth of a millisecond.
    scaled = [math.log10(max(value, 0.12) / 0.1) for value in values]
    return [max(1.0, BAR * value / max(scaled)) for value in scaled]
