"""A row of the benchmark page: ours, the peer's, and what was promised of it."""

from dataclasses import dataclass
from typing import Literal

from bench_timing import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a row has to reach.

    Args:
        of: ``"ours"``, our own quantity; ``"ratio"``, how many times better than the peer.
        bound: the value to reach.
    """

    of: Literal["ours", "ratio"]
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured quantity.

    Args:
        name: which benchmark.
        quantity: what was measured, in words.
        unit: of both values.
        better: whether a lower or a higher value is better.
        ours: spikelake's value.
        peer: the peer's; None: nothing comparable.
        peer_name: who that is.
        target: what to reach; None: for information.
        note: what a reader must know to judge the numbers.
    """

    name: str
    quantity: str
    unit: str
    better: Literal["lower", "higher"]
    ours: Spread
    peer: Spread | None = None
    peer_name: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer, by the medians."""
        if self.peer is None:
            return None
        ratio = self.peer.median / self.ours.median
        return ratio if self.better == "lower" else 1 / ratio

    @property
    def passes(self) -> bool | None:
        """Whether the target is reached; None: there is none."""
        if self.target is None:
            return None
        if self.target.of == "ratio":
            return self.ratio is not None and self.ratio >= self.target.bound
        if self.better == "lower":
            return self.ours.median <= self.target.bound
        return self.ours.median >= self.target.bound
