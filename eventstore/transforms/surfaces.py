"""Time surfaces: how lately each pixel fired, seen at the end of each frame.

A pixel's memory lasts from frame to frame of a sample, and begins empty. Both transforms need one
pass over the events and one over the frames: an event is weighed once, at the end of its own
frame, and from one frame to the next all that is remembered decays by the same factor.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.decay import FLOOR, decay_tables, decayed
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import (
    OFF_SENSOR,
    OFF_WINDOW,
    Edges,
    WindowFrames,
    check_windows,
    seek,
)

LONGEST_TAU = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSurface(WindowFrames):
    r"""Show how long ago each pixel last fired, a plane a polarity, at the end T of each frame.

    $$ S(x, y, p) = \exp(-(T - t_{last}(x, y, p)) / \tau) $$

    for ``decay="exp"``, and $\max(0, 1 - (T - t_{last}) / \tau)$ for ``"linear"``; 0 where the
    pixel has not fired yet. X. Lagorce et al., "HOTS: a hierarchy of event-based time-surfaces for
    pattern recognition", TPAMI 2017.

    Args:
        tau_us: time constant.
        decay: ``"exp"``, or ``"linear"``, which is 0 after ``tau_us``.
        window_us: length of a frame; the last one of a sample ends with it.
        n_frames: number of frames; without ``window_us`` they divide the sample.

    Examples:
        >>> from eventstore.events import Sensor
        >>> surface = TimeSurface(tau_us=50_000, window_us=10_000)
        >>> surface.out_spec(Spec("events", Sensor(34, 34))).shape
        (None, 2, 34, 34)
    """

    tau_us: int
    decay: Literal["exp", "linear"] = "exp"
    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "tau_us", minimum=1, maximum=LONGEST_TAU)
        if self.decay not in {"exp", "linear"}:
            message = f"TimeSurface(decay={self.decay!r}) is unknown"
            raise InvalidInput(message, hint='use decay="exp" or decay="linear"')
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of real numbers, 0 … 1."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape), real=True)

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out`` with the surfaces."""
        return _fill(self, batch, edges, out, linear=self.decay == "linear")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecaySurface(WindowFrames):
    r"""Sum all events of each pixel, a plane a polarity, each decayed until the frame's end T.

    $$ S(x, y, p) = \sum_i \exp(-(T - t_i) / \tau) $$

    over the events i of the pixel and polarity so far: a leaky count, as of a neuron without a
    threshold.

    Args:
        tau_us: time constant.
        window_us: length of a frame; the last one of a sample ends with it.
        n_frames: number of frames; without ``window_us`` they divide the sample.

    Examples:
        >>> from eventstore.events import Sensor
        >>> surface = DecaySurface(tau_us=50_000, n_frames=10)
        >>> surface.out_spec(Spec("events", Sensor(34, 34))).shape
        (10, 2, 34, 34)
    """

    tau_us: int
    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "tau_us", minimum=1, maximum=LONGEST_TAU)
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of real numbers, 0 or more."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape), real=True)

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out`` with the sums."""
        return _fill(self, batch, edges, out, add=True)


def _fill(
    surface: TimeSurface | DecaySurface,
    batch: EventBatch,
    edges: Edges,
    out: Frames,
    *,
    linear: bool = False,
    add: bool = False,
) -> tuple[int, int]:
    lengths = np.diff(edges[:, :-1], axis=1)
    tau = surface.tau_us
    tables = decay_tables(tau, int(lengths.max(initial=0)))
    # From one frame's end to the next, a value v becomes v·scale − drop.
    scale = np.ones(lengths.shape) if linear else np.exp(-lengths / tau)
    drop = lengths / tau if linear else np.zeros(lengths.shape)
    windows = (edges, surface.frame_counts(batch), scale, drop)
    weights = (tables, 1 / tau if linear else 0.0, add)
    return _surfaces(batch.events.arrays(), batch.offsets, windows, weights, out)


Windows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Weights = tuple[tuple[np.ndarray, np.ndarray, int], float, bool]


@kernel
def _surfaces(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    windows: Windows,
    weights: Weights,
    out: np.ndarray,
) -> tuple[int, int]:
    edges, counts, scale, drop = windows
    for b in range(len(offsets) - 1):
        out[b] = 0
        code, row = _weigh(columns, offsets, edges, weights, (b, out))
        if code:
            return code, row
        for k in range(1, counts[b]):
            _carry(out[b, k - 1], out[b, k], scale[b, k], drop[b, k], weights[2])
    return 0, 0


@kernel
def _weigh(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    edges: np.ndarray,
    weights: Weights,
    into: tuple[int, np.ndarray],
) -> tuple[int, int]:
    """Write what each event weighs at the end of its own frame."""
    t, x, y, p = columns
    tables, rate, add = weights
    b, out = into
    n_frames, planes, height, width = out.shape[1:]
    k = 0
    for i in range(offsets[b], offsets[b + 1]):
        k = seek(edges, b, t[i], k)
        if k < 0:
            return OFF_WINDOW, i
        plane = p[i] if planes > 1 else 0
        if x[i] >= width or y[i] >= height or plane >= planes:
            return OFF_SENSOR, i
        if k == n_frames:
            continue
        age = edges[b, k + 1] - t[i]
        weight = 1 - age * rate if rate > 0 else decayed(age, tables)
        before = out[b, k, plane, y[i], x[i]]
        out[b, k, plane, y[i], x[i]] = before + weight if add else max(before, weight)
    return 0, 0


@kernel
def _carry(earlier: np.ndarray, frame: np.ndarray, scale: float, drop: float, add: bool) -> None:
    """Add what is left of the frame before."""
    planes, height, width = frame.shape
    for plane in range(planes):
        for y in range(height):
            for x in range(width):
                left = earlier[plane, y, x] * scale - drop
                left = left if left > FLOOR else 0.0
                own = frame[plane, y, x]
                frame[plane, y, x] = own + left if add else max(own, left)
