"""Plots as SVG that is well formed and shows every value."""

import re
from xml.etree import ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from devices.report_plots import COLUMN, LEFT, bars_plot, lines_plot

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(SHARES, SHARES)
def test_lines_stay_within_the_frame_and_end_where_their_steps_do(
    first: list[float], second: list[float]
) -> None:
    series = [("a <b>", "c1", first), ("c & d", "c2", second)]
    root = ET.fromstring(lines_plot(series, "step", 'x "y"'))
    lines = [e for e in root.iter() if e.tag == "polyline"]
    longest = max(len(first), len(second))
    for line, values in zip(lines, (first, second), strict=True):
        points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
        assert len(points) == len(values)
        assert abs(points[-1][0] - (LEFT + COLUMN * len(values) / longest)) <= 0.051
        assert all(26 - 0.05 <= y <= 226 + 0.05 for _, y in points)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6))
@example([2.2e-308])
def test_bars_are_as_long_as_their_values(values: list[float]) -> None:
    names = [f"layer {i}" for i in range(len(values))]
    root = ET.fromstring(bars_plot(names, [("s", "c3", values)], "t", " pt"))
    bars = [e for e in root.iter() if e.tag == "rect"][:-1]  # the last is of the legend
    widths = [float(bar.attrib["width"]) for bar in bars]
    top, widest = max(map(abs, values)), max(widths)
    for width, value in zip(widths, values, strict=True):
        assert widest <= 640
        if top > 0:
            assert abs(width - max(1.0, widest * abs(value) / top)) <= 0.2
    assert len(re.findall(" pt<", bars_plot(names, [("s", "c3", values)], "t", " pt"))) == len(
        names
    )
