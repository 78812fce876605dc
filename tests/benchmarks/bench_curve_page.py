"""The part of the benchmark page that says how quantities grow: a picture and a table a curve."""

from collections.abc import Iterable

from bench_curves import Curve, Line
from bench_page_numbers import format_spread, number


def curve_sections(curves: Iterable[Curve]) -> str:
    """Return the sections of all curves; a note that several share stands once, below the last."""
    told = list(curves)
    parts = []
    for i, curve in enumerate(told):
        parts.append(_section(curve))
        if curve.note and (i + 1 == len(told) or told[i + 1].note != curve.note):
            parts.append(f"*{_capital(curve.note)}*")
    return "\n\n".join(parts)


def _section(curve: Curve) -> str:
    points = sorted({x for line in curve.lines for x in line.points})
    head = [curve.along, *(line.name for line in curve.lines), *_ratio_head(curve)]
    rows = [
        [number(x), *(_cell(line, x) for line in curve.lines), *_ratios(curve, x)] for x in points
    ]
    table = [head, ["---"] * len(head), *rows]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in table)
    what = f"{_capital(curve.quantity)} ({curve.unit})"
    return f"### {what}\n\n![{what}](img/{curve.name}.svg)\n\n{lines}"


def _cell(line: Line, x: float) -> str:
    return format_spread(line.points[x]) if x in line.points else "–"


def _ratio_head(curve: Curve) -> list[str]:
    return ["ratio" for line in curve.lines if not line.ours]


def _ratios(curve: Curve, x: float) -> list[str]:
    ratios = [curve.ratio(line, x) for line in curve.lines if not line.ours]
    return ["–" if ratio is None else f"{ratio:.1f}×" for ratio in ratios]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
