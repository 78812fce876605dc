"""Plots of a report as SVG text: lines and bars that take their colours from the page."""

from collections.abc import Sequence
from html import escape

WIDTH, LEFT, RIGHT = 640, 46, 12
COLUMN = WIDTH - LEFT - RIGHT


def lines_plot(series: Sequence[tuple[str, str, Sequence[float]]], axis: str, title: str) -> str:
    """Return lines of shares from 0 to 1 over steps, each ``(name, class of the page, values)``.

    Examples:
        >>> lines_plot([("model", "a", [0.5, 1.0])], "time step", "accuracy").count("<polyline")
        1
    """
    top, height = 26, 200
    longest = max((len(values) for _, _, values in series), default=1)
    parts = [_share_grid(top, height)]
    for _, colour, values in series:
        points = " ".join(
            f"{LEFT + COLUMN * (step + 1) / longest:.1f},{top + height * (1 - value):.1f}"
            for step, value in enumerate(values)
        )
        parts.append(f'<polyline class="line {colour}" points="{points}"/>')
        if len(values) == 1:
            x, y = points.split(",")
            parts.append(f'<circle class="dot {colour}" cx="{x}" cy="{y}" r="4"/>')
    bottom = top + height
    for step in sorted({1, *(round(longest * k / 5) for k in range(1, 6))} - {0}):
        anchor = "end" if step == longest else "middle"
        parts.append(_text(LEFT + COLUMN * step / longest, bottom + 18, str(step), anchor=anchor))
    parts.append(_text(LEFT + COLUMN / 2, bottom + 34, axis, anchor="middle"))
    parts.append(_legend([(name, colour) for name, colour, _ in series]))
    return _svg(bottom + 42, title, parts)


def bars_plot(
    names: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float]]],
    title: str,
    unit: str = "",
) -> str:
    """Return horizontal bars, a group for each name and in it a bar for each series.

    Args:
        names: what each group is of, from top to bottom.
        series: ``(name, class of the page, value for each group)``.
        title: what is shown, for those who do not see it.
        unit: written after each number.

    Examples:
        >>> bars_plot(["conv1"], [("model", "a", [3.0])], "spikes").count("<rect")
        2
    """
    bar, gap, top, label = 15, 14, 26, 150
    lowest = min((value for _, _, values in series for value in values), default=0.0)
    highest = max((value for _, _, values in series for value in values), default=0.0)
    low, span = min(lowest, 0.0), max(highest, 0.0) - min(lowest, 0.0) or 1.0
    room = WIDTH - label - 110  # shares of it: room / span is infinite where values are tiny
    zero = label + 10 - low / span * room
    parts, y = [], top
    for index, name in enumerate(names):
        middle = y + bar * len(series) / 2 + 4
        parts.append(_text(label - 4, middle, name, anchor="end"))
        for _, colour, values in series:
            value = values[index]
            begin = zero + min(value, 0.0) / span * room
            width = abs(value) / span * room
            parts.append(
                f'<rect class="bar {colour}" x="{begin:.1f}" y="{y}" '
                f'width="{max(width, 1.0):.1f}" height="{bar - 3}"/>'
            )
            at = zero + max(value, 0.0) / span * room + 5
            parts.append(_text(at, y + bar - 5, f"{_number(value)}{unit}"))
            y += bar
        y += gap
    parts.append(_legend([(name, colour) for name, colour, _ in series], left=label + 10))
    return _svg(y, title, parts)


def _share_grid(top: int, height: int) -> str:
    parts = []
    for tenth in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = top + height * (1 - tenth)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + COLUMN}" y1="{y}" y2="{y}"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{tenth:.0%}", anchor="end"))
    return "".join(parts)


def _legend(entries: Sequence[tuple[str, str]], left: float = LEFT) -> str:
    parts, x = [], left
    for name, colour in entries:
        parts.append(f'<rect class="bar {colour}" x="{x:.0f}" y="4" width="12" height="12"/>')
        parts.append(_text(x + 17, 14, name))
        x += 32 + 7.5 * len(name)
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<div class="wide"><svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg></div>'
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
