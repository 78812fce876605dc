"""Bina-Rep: several frames of bits, read as one frame of binary numbers."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import (
    MAX_FRAMES,
    OFF_SENSOR,
    OFF_WINDOW,
    seek,
    stopped_at,
    window_edges,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaRep:
    r"""Read in which of N short windows a pixel fired as the bits of one number, 0 … 1.

    A sample is divided into n_frames · N equal windows. With $b_i$ = 1 where the pixel fired in the
    i-th window of a frame, i = 0 … N − 1, the frame holds

    $$ \frac{1}{2^N - 1} \sum_{i=0}^{N-1} 2^{N-1-i} \, b_i, $$

    the earliest window first. S. Barchid et al., "Bina-Rep event frames: a simple and effective
    representation for event-based cameras", ICIP 2022.

    Args:
        n_frames: number of frames of every sample.
        n_bits: N, at most 24, which is what a float32 holds.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 5, 7, 9], x=[0, 0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[10])
        >>> out = np.empty((1, 1, 2, 1, 1), np.float32)
        >>> BinaRep(n_frames=1, n_bits=2).write(batch, Sensor(1, 1), out)
        >>> out[0, 0, :, 0, 0].tolist()
        [0.0, 1.0]
    """

    n_frames: int = 1
    n_bits: int = 8

    def __post_init__(self) -> None:
        set_integer(self, "n_frames", minimum=1, maximum=MAX_FRAMES)
        set_integer(self, "n_bits", minimum=1, maximum=24)

    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_frames`` frames of real numbers, 0 … 1."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return ``n_frames`` for every sample, also for empty ones."""
        return np.full(len(batch), self.n_frames, np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the numbers."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        edges = window_edges(batch, None, self.n_frames * self.n_bits)
        # The numbers are gathered as integers in the memory of the frames.
        numbers = out.view(np.uint32)
        code, row = _gather(batch.events.arrays(), batch.offsets, edges, self.n_bits, numbers)
        if code:
            raise stopped_at(code, row, batch, sensor)
        np.multiply(numbers, 1.0 / ((1 << self.n_bits) - 1), out=out, casting="unsafe")


@kernel
def _gather(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    edges: np.ndarray,
    n_bits: int,
    numbers: np.ndarray,
) -> tuple[int, int]:
    t, x, y, p = columns
    planes, height, width = numbers.shape[2:]
    for b in range(len(offsets) - 1):
        numbers[b] = 0
        window = frame = 0
        bit = np.uint32(1 << (n_bits - 1))
        for i in range(offsets[b], offsets[b + 1]):
            now = seek(edges, b, t[i], window)
            if now < 0:
                return OFF_WINDOW, i
            if now != window:
                window = now
                frame = window // n_bits
                bit = np.uint32(1 << (n_bits - 1 - (window - frame * n_bits)))
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return OFF_SENSOR, i
            numbers[b, frame, plane, y[i], x[i]] |= bit
    return 0, 0
