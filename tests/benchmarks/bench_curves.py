"""What a quantity costs as something grows: a curve of ours, and of a peer beside it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import log
from typing import Literal, TypeVar

from bench_timing import Spread, take_turns

X = TypeVar("X", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One library's values.

    Args:
        name: whose they are.
        points: value by what grows.
        ours: whether it is spikelake's.
    """

    name: str
    points: Mapping[float, Spread]
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A quantity over what grows.

    Args:
        name: which curve; its picture's name too.
        quantity: what was measured, in words.
        along: what grows, in words.
        unit: of the values.
        better: whether a lower or a higher value is better.
        lines: ours first, then peers; a peer may have fewer points.
        note: what a reader must know to judge it.
    """

    name: str
    quantity: str
    along: str
    unit: str
    better: Literal["lower", "higher"]
    lines: tuple[Line, ...]
    note: str = ""

    def ratio(self, peer: Line, at: float) -> float | None:
        """How many times better than a peer ours is at a point, by the medians."""
        ours = next(line for line in self.lines if line.ours)
        if at not in peer.points or at not in ours.points:
            return None
        ratio = peer.points[at].median / ours.points[at].median
        return ratio if self.better == "lower" else 1 / ratio

    def growth(self, line: Line) -> float:
        """Return how a line grows from its first to its last point: 1 is in proportion."""
        first, last = min(line.points), max(line.points)
        up = line.points[last].median / line.points[first].median
        return log(up) / log(last / first)


def time_along(
    calls: Mapping[X, Callable[[], object]], *, rounds: int, lead_s: float = 0
) -> dict[X, Spread]:
    """Return seconds a call at each point, the points taking turns."""
    names = {str(point): point for point in calls}
    seconds = take_turns({str(p): call for p, call in calls.items()}, rounds=rounds, lead_s=lead_s)
    return {names[name]: spread for name, spread in seconds.items()}
