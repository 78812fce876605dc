"""Rate profiles: how many events came in each short step of a sample, whatever pixel they hit.

Flips, shifts and swapped polarities leave the profile as it is, and the chance by which an event
falls into this step or the next one is copied along with a recording, while it differs between
recordings of the same thing. So what is left of a profile without its slow course tells copies from
look-alikes.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64, UInt16

from eventstore.jit import kernel

STEP_US = 1000
"""Finest step of a profile; a bin is two steps, so that jitter of 1 ms moves few events out."""

EVENTS_PER_BIN = 8
"""Wanted in a bin of the median sample; sparser samples get wider steps."""

MAX_STEP_US = 32_000

SMOOTH = 16
"""Steps over which the slow course of a profile is averaged."""

SCALE = 16
"""Residuals are multiples of 1/16, so that sums of them are exact on any machine."""

LIMIT = 255.0
"""Residuals are no larger, so that a burst does not outweigh all else."""


class Profiles(NamedTuple):
    """Profiles of samples, end to end.

    Args:
        counts: events in each step; 65,535 stands for as many and more.
        offsets: first step of each sample, then the number of steps.
        step_us: length of a step.
    """

    counts: UInt16[np.ndarray, " steps"]
    offsets: Int64[np.ndarray, " n_plus_1"]
    step_us: int

    def of(self, sample: int) -> UInt16[np.ndarray, " steps"]:
        """Return the counts of one sample."""
        return self.counts[self.offsets[sample] : self.offsets[sample + 1]]


def choose_step_us(n_events: Int64[np.ndarray, " n"], duration_us: Int64[np.ndarray, " n"]) -> int:
    """Return the step for samples: 1 ms, or as much as gives a bin eight events.

    Examples:
        >>> choose_step_us(np.array([4000]), np.array([300_000]))
        1000
        >>> choose_step_us(np.array([100]), np.array([300_000]))
        12000
    """
    used = (n_events > 0) & (duration_us > 0)
    if not used.any():
        return STEP_US
    rate = float(np.median(n_events[used] / duration_us[used]))
    wanted = EVENTS_PER_BIN / 2 / rate
    return int(min(max(np.ceil(wanted / STEP_US) * STEP_US, STEP_US), MAX_STEP_US))


@kernel
def count_steps(
    t: np.ndarray, samples: tuple[np.ndarray, ...], step_us: int, counts: np.ndarray
) -> None:
    """Count the events of samples into the steps of their profiles.

    Args:
        t: times of events, from their recording's start.
        samples: bounds, the first event of each sample in ``t`` and the one after its last, shape
            (n, 2); the first µs of each; spans, its first step in ``counts`` and the one after its
            last, shape (n, 2).
        step_us: length of a step.
        counts: added to; profiles of samples end to end.
    """
    bounds, t_start, spans = samples
    for sample in range(len(bounds)):
        base, last = spans[sample, 0], spans[sample, 1] - 1
        for at in range(bounds[sample, 0], bounds[sample, 1]):
            step = base + (t[at] - t_start[sample]) // step_us
            step = min(max(step, base), last)  # times of damaged recordings may step back
            if counts[step] < 65535:
                counts[step] += 1


@kernel
def residual(counts: np.ndarray, out: np.ndarray) -> None:
    """Write what a profile has beyond its slow course, in units of its expected spread.

    Each value stands for a bin of two steps that begins there: r = (n − m) / √(m + 1) with m the
    mean over the steps around it, in sixteenths, within ±255.

    Args:
        counts: one sample's profile.
        out: receives as many values.
    """
    n = len(counts)
    total = 0.0
    low, high = 0, 0
    for at in range(n):
        while high < min(n, at + 1 + SMOOTH // 2):
            total += counts[high]
            high += 1
        while low < at + 1 - SMOOTH // 2:
            total -= counts[low]
            low += 1
        mean = 2.0 * total / (high - low)
        here = float(counts[at]) + (float(counts[at + 1]) if at + 1 < n else 0.0)
        value = np.rint(SCALE * (here - mean) / np.sqrt(mean + 1.0))
        out[at] = min(max(value, -LIMIT), LIMIT)


def residuals(profiles: Profiles, sample: int) -> Float32[np.ndarray, " steps"]:
    """Return the residual of one sample's profile."""
    counts = profiles.of(sample)
    out = np.empty(len(counts), np.float32)
    residual(counts, out)
    return out


@kernel
def correlation(a: np.ndarray, b: np.ndarray, lag: int) -> float:
    """Return the correlation of two residuals over the steps they share, and z = ρ √n in bins.

    Args:
        a: residual of one sample.
        b: that of the other; its step ``k + lag`` belongs to step ``k`` of ``a``.
        lag: in steps.

    Returns: z; ρ is z / √(shared steps / 2).
    """
    start, stop = max(0, -lag), min(len(a), len(b) - lag)
    if stop - start < 2:
        return 0.0
    ab, aa, bb = 0.0, 0.0, 0.0
    for at in range(start, stop):
        ab += a[at] * b[at + lag]
        aa += a[at] * a[at]
        bb += b[at + lag] * b[at + lag]
    if aa == 0 or bb == 0:
        return 0.0
    return float(ab / np.sqrt(aa * bb) * np.sqrt((stop - start) / 2.0))
