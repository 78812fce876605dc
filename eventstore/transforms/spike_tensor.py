"""Event spike tensors: what a learnt kernel would make of events, with a fixed one."""

from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import MAX_FRAMES, time_span

KERNELS = ("triangle", "exp", "alpha")
MEASURES = ("time", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpikeTensor:
    r"""Sum a measurement of each event, spread over time by a kernel; a plane a polarity.

    $$ V(k, p, x, y) = \sum_{i \in (p, x, y)} f_i \, h(t^*_k - t^*_i), \quad
       t^*_i = \frac{t_i - t_{first}}{t_{last} - t_{first}}, \quad t^*_k = \frac{k}{B - 1} $$

    D. Gehrig et al., "End-to-end learning of representations for asynchronous event-based data",
    ICCV 2019, whose learnt kernel begins as the triangle. The kernels h(u) are

    - ``"triangle"``: $\max(0, 1 - (B - 1) |u|)$,
    - ``"exp"``: $e^{-u / \tau}$ for u ≥ 0: what an event leaves fades after it,
    - ``"alpha"``: $(u / \tau) \, e^{1 - u / \tau}$ for u ≥ 0: it rises to 1 first.

    Where all events have one time, $t^*$ is 0.

    Args:
        n_bins: number B of bins.
        kernel: h.
        tau: its time constant as a share of the sample's span; of no matter to the triangle.
        measure: f: ``"time"``, the event's $t^*$, which the authors found to work best, or
            ``"count"``, 1.

    Examples:
        >>> EventSpikeTensor(n_bins=9).out_spec(Spec("events", Sensor(34, 34))).shape
        (9, 2, 34, 34)
    """

    n_bins: int
    kernel: Literal["triangle", "exp", "alpha"] = "triangle"
    tau: float = 0.1
    measure: Literal["time", "count"] = "time"

    def __post_init__(self) -> None:
        set_integer(self, "n_bins", minimum=1, maximum=MAX_FRAMES)
        for name, value, known in (
            ("kernel", self.kernel, KERNELS),
            ("measure", self.measure, MEASURES),
        ):
            if value not in known:
                message = f"EventSpikeTensor({name}={value!r}) is unknown"
                raise InvalidInput(message, hint=f"use one of {', '.join(known)}")
        tau: object = self.tau
        if not isinstance(tau, Real) or not 1e-6 <= self.tau <= 1e6:
            message = f"EventSpikeTensor(tau={tau!r}) is outside 1e-6 … 1e6"
            raise InvalidInput(message, hint="0.1 is a tenth of the time from first to last event")
        object.__setattr__(self, "tau", float(self.tau))

    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_bins`` frames of real numbers."""
        return Spec("array", spec.sensor, (self.n_bins, *spec.sensor.shape), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return ``n_bins`` for every sample, also for empty ones."""
        return np.full(len(batch), self.n_bins, np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the sums."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        how = (KERNELS.index(self.kernel), self.tau, self.measure == "time")
        bad = _spread(batch.events.arrays(), batch.offsets, how, out)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)


@kernel
def _spread(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    how: tuple[int, float, bool],
    out: np.ndarray,
) -> int:
    t, x, y, p = columns
    shape, tau, by_time = how
    n_bins, planes, height, width = out.shape[1:]
    bins_per_tau = tau * max(n_bins - 1, 1)
    for b in range(len(offsets) - 1):
        out[b] = 0
        if offsets[b] == offsets[b + 1]:
            continue
        first, last = time_span(t, offsets[b], offsets[b + 1])
        span = max(last - first, 1)
        for i in range(offsets[b], offsets[b + 1]):
            plane = p[i] if planes > 1 else 0
            if x[i] >= width or y[i] >= height or plane >= planes:
                return i
            value = (t[i] - first) / span if by_time else 1.0
            place = np.float64(t[i] - first) * (n_bins - 1) / span
            pixel = out[b, :, plane, y[i], x[i]]
            if shape == 0:
                _triangle(pixel, value, place)
            else:
                _fade(pixel, value, place, bins_per_tau, shape == 2)
    return -1


@kernel
def _triangle(bins: np.ndarray, value: float, place: float) -> None:
    k = int(place)
    share = value * (place - k)
    bins[k] += value - share
    if k + 1 < len(bins):
        bins[k + 1] += share


@kernel
def _fade(bins: np.ndarray, value: float, place: float, bins_per_tau: float, rise: bool) -> None:
    """Add the exponential or alpha kernel to the bins from ``place`` on."""
    k = int(np.ceil(place))
    passed = (k - place) / bins_per_tau  # in time constants
    weight = value * np.exp((1 if rise else 0) - passed)
    step = 1 / bins_per_tau
    factor = np.exp(-step)
    while k < len(bins) and passed < 104:  # what is left after that is below any float32
        bins[k] += weight * passed if rise else weight
        weight *= factor
        passed += step
        k += 1
