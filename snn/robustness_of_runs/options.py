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
        for name, most in (("sigmas", math.inf), ("jitter_us", math.inf), ("drop", 1.0)):
            strengths = getattr(self, name)
            rising = all(a < b for a, b in pairwise(strengths))
            fine = all(0 <= value <= most and math.isfinite(value) for value in strengths)
            if not (strengths and rising and fine):
                message = f"{name}={strengths} are no rising strengths from 0"
                raise InvalidInput(message, hint=f"such as {name}=(0, 0.1, 0.2)")
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
