"""What we lose at: picked from what was measured, so that it is always true."""

from collections.abc import Iterable, Iterator

from bench_curves import Curve
from bench_page_numbers import format_spread, format_target
from bench_rows import Row

NOTHING = "Nothing that was measured this time."


def losses(rows: Iterable[Row], curves: Iterable[Curve]) -> str:
    """Return a list of rows below their target or behind what they stand beside, and of points."""
    found = [*_below_target(rows), *_behind(rows), *_points_behind(curves)]
    return "\n".join(dict.fromkeys(found)) or NOTHING


def _below_target(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.passes is False:
            ratio = f", {row.ratio:.2f}× {row.peer_name}" if row.ratio is not None else ""
            value = f"{format_spread(row.ours)} {row.unit}{ratio}"
            target = format_target(row)
            yield f"- **below its target**: {row.quantity}: {value}; the target is {target}."


def _behind(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.peer is not None and row.ratio is not None and row.ratio < 1:
            ours = f"{format_spread(row.ours)} {row.unit}"
            peer = f"{format_spread(row.peer)} of {row.peer_name}"
            yield f"- **behind**: {row.quantity}: {ours} beside {peer} ({row.ratio:.2f}×)."


def _points_behind(curves: Iterable[Curve]) -> Iterator[str]:
    for curve in curves:
        for peer in curve.lines:
            ratios = {} if peer.ours else {x: curve.ratio(peer, x) for x in sorted(peer.points)}
            worse = [f"{x:,g} ({ratio:.2f}×)" for x, ratio in ratios.items() if ratio and ratio < 1]
            if worse:
                at = f"{curve.along} {', '.join(worse)}"
                yield f"- **behind on a curve**: {curve.quantity}, beside {peer.name}, at {at}."
