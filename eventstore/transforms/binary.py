"""Frames of bits: whether a pixel fired, not how often."""

from dataclasses import dataclass

import numpy as np

from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Frames, Spec
from eventstore.transforms.windows import (
    OFF_SENSOR,
    OFF_WINDOW,
    Edges,
    WindowFrames,
    check_windows,
    seek,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryFrames(WindowFrames):
    """Write 1 where a pixel fired at least once in a frame's window, 0 elsewhere.

    A plane a polarity, as in frames of counts: what a layer of spiking neurons takes, and what
    fits uint8 however many events there are.

    Args:
        window_us: length of a frame.
        n_frames: number of frames; without ``window_us`` they divide the sample.

    Examples:
        >>> from eventstore.events import Events, Sensor
        >>> e = Events.of(t=[0, 1, 9], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[10])
        >>> out = np.empty((1, 2, 2, 1, 1), np.uint8)
        >>> BinaryFrames(n_frames=2).write(batch, Sensor(1, 1), out)
        >>> out[0, :, 1, 0, 0].tolist()
        [1, 1]
    """

    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out`` with the bits."""
        return _mark(batch.events.arrays(), batch.offsets, edges, out)


@kernel
def _mark(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    edges: np.ndarray,
    out: np.ndarray,
) -> tuple[int, int]:
    t, x, y, p = columns
    n_frames, planes, height, width = out.shape[1:]
    for b in range(len(offsets) - 1):
        out[b] = 0
        k = 0
        for i in range(offsets[b], offsets[b + 1]):
            k = seek(edges, b, t[i], k)
            if k < 0:
                return OFF_WINDOW, i
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return OFF_SENSOR, i
            if k < n_frames:
                out[b, k, plane, y[i], x[i]] = 1
    return 0, 0
