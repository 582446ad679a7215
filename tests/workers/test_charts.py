"""Drawings of numbers over time: what they show, and what they say to whoever does not see them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.admin.charts import BASE, TOP, WIDTH, Layer, bars, ceiling, lines
from workers.admin.history import DAY, HOUR, charts
from workers.admin.rendering import briefly
from workers.histories import StepFigures

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def path(drawing: str, tone: str) -> str:
    found = re.search(rf'<path class="{tone}" d="([^"]*)"', drawing)
    return found[1] if found else ""


def spans(drawing: str, tone: str) -> list[tuple[int, int]]:
    """Foot and top of each bar; the top is the lesser number."""
    return [(int(foot), int(top)) for foot, top in re.findall(r"M\d+ (\d+)V(\d+)", path(drawing, f"bars {tone}"))]


def heights(drawing: str, tone: str) -> list[int]:
    return [foot - top for foot, top in spans(drawing, tone)]


def draw(*layers: Layer, told: str = "told") -> str:
    return bars(layers, told=told, since="then", spell="{:g}".format)


@pytest.mark.parametrize(
    ("peak", "top"),
    [
        (0, 1),
        (1, 1),
        (1.5, 2),
        (3, 5),
        (7, 10),
        (10, 10),
        (11, 20),
        (4999, 5000),
        (0.03, 0.05),
        (0.1, 0.1),
        (86400, 1e5),
    ],
)
def test_the_upper_edge_is_a_round_number(peak, top):
    assert ceiling(peak) == pytest.approx(top)


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_the_upper_edge_is_never_below_the_peak_nor_far_above_it(peak):
    assert peak <= ceiling(peak) <= peak * 2.6


def test_bars_are_as_high_as_their_share_of_the_upper_edge():
    assert heights(draw(Layer("good", [5, 0, 10])), "good") == [(BASE - TOP) / 2, BASE - TOP]


def test_one_failure_beside_ten_thousand_successes_is_seen():
    drawing = draw(Layer("good", [10_000]), Layer("bad", [1]))
    assert heights(drawing, "bad") == [2]


def test_layers_stand_upon_each_other():
    drawing = draw(Layer("good", [4]), Layer("bad", [6]))
    middle = BASE - 0.4 * (BASE - TOP)
    assert spans(drawing, "good") == [(BASE, middle)]
    assert spans(drawing, "bad") == [(middle, TOP)]


def test_a_line_is_broken_where_nothing_was_measured():
    layer = Layer("middle", [1, 2, None, None, 1, None])
    told = lines([layer], told="told", since="then", spell=briefly)
    assert path(told, "line middle").count("M") == 2
    assert path(told, "line middle").count("V") == 1


@given(st.lists(st.one_of(st.none(), st.floats(min_value=0, max_value=1e9)), min_size=1, max_size=72))
def test_nothing_is_drawn_outside_the_frame(values):
    drawing = lines([Layer("slow", values)], told="told", since="then", spell=briefly)
    line = path(drawing, "line slow")
    assert all(0 <= float(x) <= WIDTH for x in re.findall(r"[MH]([\d.]+)", line))
    assert all(TOP <= float(y) <= BASE for y in re.findall(r"(?:V|M[\d.]+ )([\d.]+)", line))


def test_a_drawing_without_numbers_is_an_empty_frame():
    assert "bars" not in draw(Layer("good", [0, 0]))
    assert "bars" not in draw()


def test_what_is_read_out_is_escaped():
    assert 'aria-label="&quot;&lt;b&gt;"' in draw(told='"<b>')


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0.00 s"), (0.004, "4 ms"), (0.25, "0.25 s"), (185, "3 min 5 s")]
)
def test_short_times_are_spelled_in_thousandths(seconds, text):
    assert briefly(seconds) == text


def minute(number: int, done: int = 0, failed: int = 0, median: float | None = None, p95: float | None = None):
    return StepFigures(AT + timedelta(minutes=number), done, failed, median, p95, median, p95)


def said(series, span=HOUR) -> list[str]:
    return [re.findall('aria-label="([^"]*)"', chart.drawing)[0] for chart in charts(series, span)]


def test_each_chart_says_its_numbers():
    counts, wait, run = said([minute(0, 3, 1, 0.5, 2.0), minute(1, 4, 0, 0.25, 1.0), minute(2)])
    assert counts == "Ended per minute, last hour: 7 done and 1 failed."
    assert wait == "Wait, last hour: median 0.25 s lately; 95th percentile 1.00 s lately, 2.00 s at most."
    assert run.startswith("Run time, last hour: median 0.25 s")


def test_a_queue_in_which_nothing_happened_says_so():
    counts, wait, run = said([minute(0)], DAY)
    assert counts == "Ended per 20 minutes, last day: 0 done and 0 failed."
    assert wait == "Wait, last day: nothing was measured."
    assert run == "Run time, last day: nothing was measured."
