"""Mixed-density event stacks: what the last half, quarter, eighth … of the events left behind."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedDensityStack:
    r"""Show each pixel's last polarity among all events, the last half, the last quarter ….

    Plane k of the one frame holds +1 where the last event of the pixel among the last
    $\lceil n / 2^k \rceil$ of a sample's n events is ON, −1 where it is OFF, and 0 where there is
    none: dense for what moves slowly, sharp for what moves fast. Y. Nam et al., "Stereo depth from
    events cameras: concentrate and focus on the future", CVPR 2022.

    Args:
        n_stacks: number of planes.

    Examples:
        >>> MixedDensityStack(n_stacks=10).out_spec(Spec("events", Sensor(34, 34))).shape
        (1, 10, 34, 34)
    """

    n_stacks: int

    def __post_init__(self) -> None:
        set_integer(self, "n_stacks", minimum=1, maximum=62)

    def out_spec(self, spec: Spec) -> Spec:
        """Return one frame of a plane a stack, of which the values are −1, 0 and +1."""
        _, height, width = spec.sensor.shape
        return Spec("array", spec.sensor, (1, self.n_stacks, height, width), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return 1 for every sample, also for empty ones."""
        return np.ones(len(batch), np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the polarities."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        bad = _stack(batch.events.arrays()[1:], batch.offsets, out)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)


@kernel
def _stack(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray], offsets: np.ndarray, out: np.ndarray
) -> int:
    x, y, p = columns
    n_stacks, height, width = out.shape[2:]
    for b in range(len(offsets) - 1):
        out[b] = 0
        end = offsets[b + 1]
        n = end - offsets[b]
        for i in range(offsets[b], end):
            if x[i] >= width or y[i] >= height or p[i] > 1:
                return i
        for k in range(n_stacks):
            for i in range(end + (-n >> k), end):
                out[b, 0, k, y[i], x[i]] = 1.0 if p[i] else -1.0
    return -1
