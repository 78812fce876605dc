"""Voxel grids: events shared out between the two bins of time that they lie between."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import MAX_FRAMES, time_span


@dataclass(frozen=True, slots=True, kw_only=True)
class VoxelGrid:
    r"""Sum polarities bin by bin of time, each event in the two bins that it lies between.

    $$ t^*_i = (B - 1) \frac{t_i - t_{first}}{t_{last} - t_{first}}, \quad
       V(k, x, y) = \sum_{i \in (x, y)} p_i \max(0, 1 - |k - t^*_i|) $$

    with $p_i$ = +1 for ON and −1 for OFF, B bins and the times of a sample's first and last event.
    Where all events have one time, they are in the first bin. A. Z. Zhu et al., "Unsupervised
    event-based learning of optical flow, depth, and egomotion", CVPR 2019, eq. 2 and 3.

    Args:
        n_bins: number B of bins.
        signed: sum both polarities with their sign, in one plane. Otherwise each has a plane of its
            own, where its events count +1.

    Examples:
        >>> VoxelGrid(n_bins=5).out_spec(Spec("events", Sensor(34, 34))).shape
        (5, 1, 34, 34)
        >>> VoxelGrid(n_bins=5, signed=False).out_spec(Spec("events", Sensor(34, 34))).shape
        (5, 2, 34, 34)
    """

    n_bins: int
    signed: bool = True

    def __post_init__(self) -> None:
        set_integer(self, "n_bins", minimum=1, maximum=MAX_FRAMES)
        signed: object = self.signed
        if not isinstance(signed, bool):
            message = f"VoxelGrid(signed={signed!r}) is neither True nor False"
            raise InvalidInput(message, hint="signed=False gives each polarity a plane of its own")

    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_bins`` frames of real numbers, of one plane if signed."""
        planes, height, width = spec.sensor.shape
        planes = 1 if self.signed else planes
        return Spec("array", spec.sensor, (self.n_bins, planes, height, width), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return ``n_bins`` for every sample, also for empty ones."""
        return np.full(len(batch), self.n_bins, np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the sums."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        bad = _share(batch.events.arrays(), batch.offsets, self.signed, out)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)


@kernel
def _share(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    signed: bool,
    out: np.ndarray,
) -> int:
    t, x, y, p = columns
    n_bins, planes, height, width = out.shape[1:]
    for b in range(len(offsets) - 1):
        out[b] = 0
        if offsets[b] == offsets[b + 1]:
            continue
        first, last = time_span(t, offsets[b], offsets[b + 1])
        scale = (n_bins - 1) / max(last - first, 1)
        for i in range(offsets[b], offsets[b + 1]):
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes or p[i] > 1:
                return i
            sign = 1.0 if p[i] or not signed else -1.0
            place = (t[i] - first) * scale
            k = int(place)
            share = sign * (place - k)
            out[b, k, plane, y[i], x[i]] += sign - share
            if k + 1 < n_bins:
                out[b, k + 1, plane, y[i], x[i]] += share
    return -1
