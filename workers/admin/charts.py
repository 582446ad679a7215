"""Numbers over time as small SVG drawings: legible without colour, and told in words to whoever does not see them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, TOP, BASE, HEIGHT = 360, 16, 96, 112
VISIBLE = 2
"""The least height of a bar: one failure beside ten thousand successes must be seen."""


@dataclass(frozen=True)
class Layer:
    """One row of numbers, oldest first; None where nothing was measured. ``tone`` is its class in admin.css."""

    tone: str
    values: Sequence[float | None]


def bars(layers: Sequence[Layer], *, told: str, since: str, spell: Callable[[float], str]) -> SafeString:
    """The layers stacked upon each other, the first at the bottom. ``told`` is read out instead of the drawing."""
    columns = [[value or 0 for value in column] for column in zip(*(layer.values for layer in layers), strict=True)]
    top = ceiling(max(map(sum, columns), default=0))
    ground = [BASE] * len(columns)
    paths = [(f"bars {layer.tone}", "".join(_stack(layer.values, ground, top))) for layer in layers]
    return _drawing(paths, told, since, spell(top), thickness=0.85 * WIDTH / max(1, len(columns)))


def lines(layers: Sequence[Layer], *, told: str, since: str, spell: Callable[[float], str]) -> SafeString:
    """Each layer as a stepped line, broken where nothing was measured."""
    top = ceiling(max((value for layer in layers for value in layer.values if value is not None), default=0))
    paths = [(f"line {layer.tone}", "".join(_steps(layer.values, top))) for layer in layers]
    return _drawing(paths, told, since, spell(top), thickness=1.5)


def ceiling(peak: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … (and 0.5, 0.2, 0.1 …): what the upper edge stands for."""
    if peak < 1e-6:
        return 1
    magnitude = 10.0 ** math.floor(math.log10(peak))
    return next((step * magnitude for step in (1, 2, 5, 10) if step * magnitude >= peak), peak)


def _stack(values: Sequence[float | None], ground: list[int], top: float) -> Iterator[str]:
    for index, value in enumerate(values):
        if value:
            foot = ground[index]
            ground[index] -= max(VISIBLE, round((BASE - TOP) * value / top))
            yield f"M{round((index + 0.5) * WIDTH / len(values))} {foot}V{ground[index]}"


def _steps(values: Sequence[float | None], top: float) -> Iterator[str]:
    for index, (before, value) in enumerate(pairwise([None, *values])):
        if value is not None:
            y = round(BASE - (BASE - TOP) * value / top)
            yield f"M{round(index * WIDTH / len(values))} {y}" if before is None else f"V{y}"
            yield f"H{round((index + 1) * WIDTH / len(values))}"


def _drawing(paths: Sequence[tuple[str, str]], told: str, since: str, highest: str, thickness: float) -> SafeString:
    # Pushed every two seconds to all who watch, so it is short: whole numbers, and bars that are thick lines.
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="frame" d="M0 {}H{}M0 {}H{}"/><g stroke-width="{}">{}</g>'
        '<text x="0" y="{}">{}</text><text x="0" y="{}">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">now</text></svg>',
        *(WIDTH, HEIGHT, told, TOP, WIDTH, BASE, WIDTH, f"{thickness:.1f}"),
        format_html_join("", '<path class="{}" d="{}"/>', ((tone, path) for tone, path in paths if path)),
        *(TOP - 4, highest, HEIGHT - 4, since, WIDTH, HEIGHT - 4),
    )
