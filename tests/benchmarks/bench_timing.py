"""Timing of rivals in turns, so that a busy machine slows all of them alike."""

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A measured quantity: its median and the range from the 10th to the 90th percentile."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Summarise measured values."""
        low, median, high = np.percentile(values, [10, 50, 90])
        return cls(median=float(median), low=float(low), high=float(high), runs=len(values))

    @classmethod
    def exactly(cls, value: float) -> "Spread":
        """State a quantity that is counted, not timed."""
        return cls(median=value, low=value, high=value, runs=1)

    def scaled(self, factor: float) -> "Spread":
        """Return the quantity in another unit."""
        low, high = self.low * factor, self.high * factor
        return Spread(median=self.median * factor, low=low, high=high, runs=self.runs)

    def per(self, amount: float) -> "Spread":
        """Return the rate ``amount / quantity``: of seconds for n things, things per second."""
        low, high = amount / self.high, amount / self.low
        return Spread(median=amount / self.median, low=low, high=high, runs=self.runs)


def take_turns(
    rivals: Mapping[str, Callable[[], object]], *, rounds: int, warmup: int = 1
) -> dict[str, Spread]:
    """Return each rival's seconds per call: all of them once, then all again, ``rounds`` times.

    Args:
        rivals: what to call, by name.
        rounds: how often each is timed.
        warmup: calls of each before the first timed one: compilation, page cache.
    """
    for call in rivals.values():
        for _ in range(warmup):
            call()
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, call in rivals.items():
            gc.collect()
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: Spread.of(values) for name, values in seconds.items()}


def epochs(batches: Iterable[object], n: int = 1) -> Callable[[], None]:
    """Return a call that runs through all batches n times."""

    def run() -> None:
        for _ in range(n):
            for _ in batches:
                pass

    return run
