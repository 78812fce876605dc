"""Count events into pictures: one byte a pixel, ON in the high four bits and OFF in the low."""

import numpy as np
from jaxtyping import Int64, UInt8, UInt16

from eventstore.jit import kernel

MOST = 15
"""Events of a polarity that a pixel counts to, in four bits; more look the same."""


@kernel
def add_frames(
    events: tuple[UInt16[np.ndarray, " n"], UInt16[np.ndarray, " n"], UInt8[np.ndarray, " n"]],
    first: Int64[np.ndarray, " frames"],
    last: Int64[np.ndarray, " frames"],
    frames: UInt8[np.ndarray, "frames h w"],
) -> None:
    """Add rows ``first … last - 1`` of the events to each frame.

    Args:
        events: the columns x, y and p.
        first: row of the first event of each frame.
        last: row after its last.
        frames: what they are added to.
    """
    x, y, p = events
    height, width = frames.shape[1:]
    for f in range(len(first)):
        for e in range(first[f], last[f]):
            row, column = y[e], x[e]
            if row >= height or column >= width:
                continue
            seen = frames[f, row, column]
            if p[e]:
                if seen >> 4 < MOST:
                    frames[f, row, column] = seen + 16
            elif seen & 15 < MOST:
                frames[f, row, column] = seen + 1


@kernel
def add_scaled(
    places: tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"], UInt8[np.ndarray, " n"]],
    size: tuple[int, int],
    counts: Int64[np.ndarray, "2 h w"],
) -> None:
    """Count events in a picture smaller than where they lie, OFF and ON apart.

    Args:
        places: across, down and polarity of each event.
        size: width and height of where they lie.
        counts: what they are added to.
    """
    across, down, p = places
    width, height = size
    tall, wide = counts.shape[1:]
    for e in range(len(across)):
        if 0 <= across[e] < width and 0 <= down[e] < height:
            counts[p[e] & 1, down[e] * tall // height, across[e] * wide // width] += 1
