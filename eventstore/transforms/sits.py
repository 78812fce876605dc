"""Speed-invariant time surfaces: ranks of recency among neighbours, in place of times."""

from dataclasses import dataclass

import numpy as np

from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import (
    OFF_SENSOR,
    OFF_WINDOW,
    Edges,
    WindowFrames,
    check_windows,
    seek,
)

LARGEST_RADIUS = 127
"""With it the newest value, (2r + 1)², is the largest that 16 bits hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedInvariantSurface(WindowFrames):
    r"""Show how recent each pixel is among its neighbours, whatever the speed of what moves.

    For each event at (x, y, p), in the order they come: with S = S(x, y, p) before it, every value
    of the same polarity in the square of (2r + 1)² pixels around it that is ≥ S falls by one, but
    not below 0; then S(x, y, p) ← (2r + 1)². The frames show $S / (2r + 1)^2$, 0 … 1, at their
    ends; 0 where a pixel has not fired. J. Manderscheid et al., "Speed invariant time surface for
    learning to detect corner points with event-based cameras", CVPR 2019, algorithm 1.

    An event that comes after events of a later frame acts from that frame on.

    Args:
        radius: r, in pixels.
        window_us: length of a frame; the last one of a sample ends with it.
        n_frames: number of frames; without ``window_us`` they divide the sample.

    Examples:
        >>> from eventstore.events import Sensor
        >>> surface = SpeedInvariantSurface(radius=6, n_frames=10)
        >>> surface.out_spec(Spec("events", Sensor(34, 34))).shape
        (10, 2, 34, 34)
    """

    radius: int
    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "radius", minimum=0, maximum=LARGEST_RADIUS)
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of real numbers, 0 … 1."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape), real=True)

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out`` with the surfaces."""
        windows = (edges, self.frame_counts(batch))
        # A border as wide as the radius, where nothing fires, saves the comparisons at the edges.
        planes, height, width = out.shape[2:]
        border = 2 * self.radius
        memory = np.empty((planes, height + border, width + border), np.uint16)
        return _rank(batch.events.arrays(), batch.offsets, windows, memory, out)


@kernel
def _rank(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    windows: tuple[np.ndarray, np.ndarray],
    memory: np.ndarray,
    out: np.ndarray,
) -> tuple[int, int]:
    t, x, y, p = columns
    edges, counts = windows
    n_frames, planes, height, width = out.shape[1:]
    side = memory.shape[2] - width + 1
    for b in range(len(offsets) - 1):
        memory[:] = 0
        k = shown = 0
        for i in range(offsets[b], offsets[b + 1]):
            k = seek(edges, b, t[i], k)
            if k < 0:
                return OFF_WINDOW, i
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return OFF_SENSOR, i
            if k > shown:
                _show(memory, side, out[b, shown:k])
                shown = k
            if k < n_frames:
                _lower(memory[plane], int(x[i]), int(y[i]), side)
        _show(memory, side, out[b, shown : counts[b]])
        out[b, counts[b] :] = 0
    return 0, 0


@kernel
def _lower(ranks: np.ndarray, left: int, top: int, side: int) -> None:
    """Lower what is around an event, whose square begins at (left, top), and put it first."""
    half = side // 2
    # A value of 0 stays: where the pixel itself has 0, all from 1 on are lowered.
    least = max(ranks[top + half, left + half], np.uint16(1))
    for row in range(top, top + side):
        # A slice, counted from 0: compiled to vector instructions, three times as fast.
        line = ranks[row, left : left + side]
        for column in range(side):
            value = line[column]
            line[column] = value - np.uint16(value >= least)
    ranks[top + half, left + half] = side * side


@kernel
def _show(memory: np.ndarray, side: int, frames: np.ndarray) -> None:
    half = side // 2
    n_frames, planes, height, width = frames.shape
    scale = np.float32(1.0 / (side * side))
    for k in range(n_frames):
        for plane in range(planes):
            for row in range(height):
                for column in range(width):
                    frames[k, plane, row, column] = (
                        np.float32(memory[plane, row + half, column + half]) * scale
                    )
