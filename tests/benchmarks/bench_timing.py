"""Timing of rivals in turns, so that a busy machine slows all of them alike."""

import gc
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SETTLE_S = 0.2
"""How long nobody may work before a turn begins."""

LEAD_S = 0.05
"""Of turns that begin with calls that are not timed: so long threads may share one core."""

HZ = os.sysconf("SC_CLK_TCK")


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
    rivals: Mapping[str, Callable[[], object]], *, rounds: int, warmup: int = 1, lead_s: float = 0
) -> dict[str, Spread]:
    """Return each rival's seconds per call: all of them once, then all again, ``rounds`` times.

    Args:
        rivals: what to call, by name.
        rounds: how often each is timed.
        warmup: calls of each before the first timed one: compilation, page cache.
        lead_s: how long each turn begins with calls that are not timed, for what runs many times
            in a row in its use: after the pause between turns threads must wake and find a core.
    """
    for call in rivals.values():
        for _ in range(warmup):
            call()
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, call in rivals.items():
            gc.collect()
            settle()
            begin = time.perf_counter()
            while time.perf_counter() - begin < lead_s:
                call()
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: Spread.of(values) for name, values in seconds.items()}


def settle(longest_s: float = 5.0) -> None:
    """Wait until no process that a rival left behind works any more, such as a loader's workers.

    They live from epoch to epoch, and some read ahead for the next one: in the turn of another.
    """
    start = time.perf_counter()
    before = _worked()
    while time.perf_counter() - start < longest_s:
        time.sleep(SETTLE_S)
        now = _worked()
        if sum(ticks - before.get(pid, 0) for pid, ticks in now.items()) <= SETTLE_S * HZ / 50:
            return
        before = now


def _worked() -> dict[int, int]:
    """Return the clock ticks that each descendant of this process has worked."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        pid = int(stat.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    ours = {os.getpid()}
    while found := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= found
    return {pid: ticks[pid] for pid in ours - {os.getpid()}}


def epochs(batches: Iterable[object], n: int = 1) -> Callable[[], None]:
    """Return a call that runs through all batches n times."""

    def run() -> None:
        for _ in range(n):
            for _ in batches:
                pass

    return run
