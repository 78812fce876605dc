"""Time-ordered recent events: the last few events of each pixel, their ages on a log scale."""

from dataclasses import dataclass

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.logarithm import take_logarithms
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import (
    OFF_SENSOR,
    OFF_WINDOW,
    Edges,
    WindowFrames,
    check_windows,
    seek,
)

NEVER = -(1 << 62)
"""Time of an event that has not come yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tore(WindowFrames):
    r"""Show the ages of each pixel's last ``k`` events of each polarity, at each frame's end.

    An event of age a µs, clipped to $a_{min}$ … $a_{max}$, shows as

    $$ 1 - \frac{\ln(a + 1) - \ln(a_{min} + 1)}{\ln(a_{max} + 1) - \ln(a_{min} + 1)}, $$

    1 for the most recent, 0 for old ones and where there is none. R. W. Baldwin et al.,
    "Time-ordered recent event (TORE) volumes for event cameras", TPAMI 2022, take the numerator:
    this is the same upside down and divided by its largest value, so that nothing shows as 0.

    Plane ``p·k + j`` holds the j-th last event of polarity p, the very last at j = 0. An event that
    comes after events of a later frame acts from that frame on.

    Args:
        k: events kept a pixel and polarity.
        tau_min_us: ages up to this show as 1.
        tau_max_us: ages from this on show as 0.
        window_us: length of a frame; the last one of a sample ends with it.
        n_frames: number of frames; without ``window_us`` they divide the sample.

    Examples:
        >>> from eventstore.events import Sensor
        >>> Tore(k=3, n_frames=1).out_spec(Spec("events", Sensor(34, 34))).shape
        (1, 6, 34, 34)
    """

    k: int = 3
    tau_min_us: int = 150
    tau_max_us: int = 5_000_000
    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "k", minimum=1, maximum=1 << 10)
        set_integer(self, "tau_min_us", minimum=0)
        set_integer(self, "tau_max_us", minimum=1)
        if self.tau_min_us >= self.tau_max_us:
            message = (
                f"Tore(tau_min_us={self.tau_min_us}) is not below tau_max_us={self.tau_max_us}"
            )
            raise InvalidInput(message, hint="ages between the two are told apart")
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of real numbers, 0 … 1, of ``k`` planes a polarity."""
        planes, height, width = spec.sensor.shape
        shape = (self.n_frames, planes * self.k, height, width)
        return Spec("array", spec.sensor, shape, real=True)

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out`` with the ages."""
        scale = (float(self.tau_min_us), float(self.tau_max_us), self.frame_counts(batch))
        planes, height, width = out.shape[2:]
        recent = np.empty((planes // self.k, self.k, height, width), np.int64)
        cuts, buffer = (batch.offsets, edges), np.empty((2, width))
        memory = (recent, buffer, buffer[0].view(np.int64))
        return _remember(batch.events.arrays(), cuts, scale, memory, out)


Memory = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Times of each pixel's last events, [polarity, k, y, x]; two rows; the bits of the first row."""


@kernel
def _remember(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    cuts: tuple[np.ndarray, np.ndarray],
    scale: tuple[float, float, np.ndarray],
    memory: Memory,
    out: np.ndarray,
) -> tuple[int, int]:
    t, x, y, p = columns
    offsets, edges = cuts
    least, most, counts = scale
    recent = memory[0]
    planes, kept, height, width = recent.shape
    n_frames = out.shape[1]
    for b in range(len(offsets) - 1):
        recent[:] = NEVER
        k = shown = 0
        for i in range(offsets[b], offsets[b + 1]):
            k = seek(edges, b, t[i], k)
            if k < 0:
                return OFF_WINDOW, i
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return OFF_SENSOR, i
            for frame in range(shown, k):
                _show(memory, edges[b, frame + 1], least, most, out[b, frame])
            shown = max(shown, k)
            if k < n_frames:
                for j in range(kept - 1, 0, -1):
                    recent[plane, j, y[i], x[i]] = recent[plane, j - 1, y[i], x[i]]
                recent[plane, 0, y[i], x[i]] = t[i]
        for frame in range(shown, counts[b]):
            _show(memory, edges[b, frame + 1], least, most, out[b, frame])
        out[b, counts[b] :] = 0
    return 0, 0


@kernel
def _show(memory: Memory, now: int, least: float, most: float, frame: np.ndarray) -> None:
    recent, buffer, bits = memory
    planes, kept, height, width = recent.shape
    scale = 1.0 / np.log((most + 1.0) / (least + 1.0))
    values = buffer[0]
    for plane in range(planes * kept):
        for row in range(height):
            times = recent[plane // kept, plane % kept, row]
            for column in range(width):
                age = np.float64(now - times[column])
                values[column] = (most + 1.0) / (min(max(age, least), most) + 1.0)
            take_logarithms(values, bits, buffer[1])
            for column in range(width):
                frame[plane, row, column] = values[column] * scale
