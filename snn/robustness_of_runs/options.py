"""What a robustness report tries on networks."""

import math
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from eventstore.errors import InvalidInput
from snn.robustness.mismatch import Mismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What is tried on the networks.

    Args:
        sigmas: mismatch, as shares of a number.
        n_draws: chips drawn of each network and sigma.
        jitter_us: standard deviations of the time of each event.
        drop: shares of the events that are lost.
        n_event_draws: draws of each jitter and loss.
        weights: whether weights deviate.
        thresholds: whether thresholds do.
        time_constants: whether time constants do.
        seed: of all draws.
        limit: samples of a split to test on, spread over the fold; 0: all.

    Raises:
        InvalidInput: strengths do not rise, are out of range or none, or a count is not positive.

    Examples:
        >>> ReportOptions(n_draws=40).sigmas
        (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
    """

    sigmas: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
    n_draws: int = 20
    jitter_us: tuple[float, ...] = (0.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0)
    drop: tuple[float, ...] = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
    n_event_draws: int = 5
    weights: bool = True
    thresholds: bool = True
    time_constants: bool = True
    seed: int = 0
    limit: int = 0

    def __post_init__(self) -> None:
        _check_strengths("sigmas", self.sigmas, 1.0, "shares of a number up to 1: 0.2 is 20 %")
        _check_strengths("jitter_us", self.jitter_us, math.inf, "microseconds: 3000 is 3 ms")
        _check_strengths("drop", self.drop, 1.0, "shares of the events up to 1: 0.5 is 50 %")
        for name, least in (("n_draws", 1), ("n_event_draws", 1), ("limit", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                message = f"{name}={value!r} is out of range"
                raise InvalidInput(message, hint=f"give a whole number from {least}")
        _ = self.mismatches

    @property
    def mismatches(self) -> list[Mismatch]:
        """What is drawn at each sigma."""
        return [
            Mismatch(
                sigma=sigma,
                weights=self.weights,
                thresholds=self.thresholds,
                time_constants=self.time_constants,
            )
            for sigma in self.sigmas
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


def _check_strengths(name: str, strengths: tuple[float, ...], most: float, unit: str) -> None:
    fine = all(0 <= value <= most and math.isfinite(value) for value in strengths)
    if not (strengths and fine):
        message = f"{name}={strengths} are out of range"
        raise InvalidInput(message, hint=f"give {unit}")
    if not all(a < b for a, b in pairwise(strengths)):
        message = f"{name}={strengths} do not rise"
        raise InvalidInput(message, hint="sort them, each once")
