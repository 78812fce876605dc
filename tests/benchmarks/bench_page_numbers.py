"""Numbers as the benchmark page writes them."""

from bench_rows import Row, Target
from bench_timing import Spread


def number(value: float) -> str:
    """Return three significant digits, and whole numbers above a hundred."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def format_spread(spread: Spread) -> str:
    """Return a median and its range in three significant digits."""
    if spread.runs == 1:
        return number(spread.median)
    return f"{number(spread.median)} ({number(spread.low)}–{number(spread.high)})"


def format_target(row: Row) -> str:
    """Return what a row has to reach, in its unit; empty without a target."""
    match row.target:
        case None:
            return ""
        case Target(of="ratio", bound=bound):
            return f"≥ {bound:g}×"
        case Target(bound=bound):
            sign = "≤" if row.better == "lower" else "≥"
            return f"{sign} {bound:,g} {row.unit}"
