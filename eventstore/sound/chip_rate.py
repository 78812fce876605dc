"""Sounds at the rate of a chip's own clock, by straight lines between their samples.

Chips sample at rates that sounds are not recorded at, and that need not be whole numbers: Xylo
Audio 3 takes 50 MHz / 1024 = 48,828.125 samples a second. Positions are kept as whole numbers, so a
sound of days stays in step, and blocks of any length join without a seam. Straight lines are what
rockpool's front ends use (``transform/resample.py``); above half the recorded rate they leave faint
mirror images of the sound, as a loudspeaker without a filter would.
"""

import numpy as np
from jaxtyping import Float32, Float64

from eventstore.jit import kernel


def start_clock(n_channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the state before the first sample: position, whether one came; the last samples."""
    return np.zeros(2, np.int64), np.zeros(n_channels)


def resample(
    samples: Float32[np.ndarray, "c n"] | Float64[np.ndarray, "c n"],
    ratio: tuple[int, int],
    state: tuple[np.ndarray, np.ndarray],
) -> Float64[np.ndarray, "c m"]:
    """Return a block's samples at another rate, and move the state on.

    Sample i of the result lies at ``i · step / unit`` samples of the sound. The last sample of a
    sound ends the last line.

    Args:
        samples: of the block.
        ratio: whole numbers ``(step, unit)``: recorded samples to a sample of the result.
        state: of `start_clock`.

    Examples:
        >>> sound = np.array([[0.0, 1.0, 0.0]], np.float32)
        >>> resample(sound, (1, 4), start_clock(1)).tolist()
        [[0.0, 0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25]]
    """
    step, unit = ratio
    clock, last = state
    most = samples.shape[1] * unit // step + 2
    out = np.empty((samples.shape[0], most))
    n = _interpolate(samples, ratio, clock, last, out)
    return out[:, :n]


@kernel
def _interpolate(
    samples: np.ndarray,
    ratio: tuple[int, int],
    clock: np.ndarray,
    last: np.ndarray,
    out: np.ndarray,
) -> int:
    step, unit = ratio
    n = 0
    for i in range(samples.shape[1]):
        if clock[1]:
            position = clock[0]
            while position < unit:
                share = position / unit
                for c in range(len(last)):
                    out[c, n] = last[c] + (samples[c, i] - last[c]) * share
                n += 1
                position += step
            clock[0] = position - unit
        clock[1] = 1
        for c in range(len(last)):
            last[c] = samples[c, i]
    return n
