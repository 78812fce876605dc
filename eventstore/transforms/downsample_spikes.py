"""Downsampling by spiking neurons, one for each square of pixels.

An integrator, and a differentiator behind it, after S. Ghosh et al., "Insect-inspired
spatio-temporal downsampling of event-based input" (ICONS 2023). Here they work event by event where
simulations take steps; the formulas below are the definition.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.downsample import Downsample
from eventstore.transforms.protocol import Seeds, Spec, refuse_audio, set_integer
from eventstore.transforms.time_order import in_time_order


@dataclass(frozen=True, slots=True, kw_only=True)
class DownsampleIntegrate:
    """Merge squares of pixels, each into a neuron that integrates ON minus OFF and fires.

    An event of polarity p adds $2p - 1$ to the potential v of its square. Where $|v|$ reaches the
    threshold, the event is passed on as one of the square, and v returns to 0; all others are
    dropped. ON and OFF events close together cancel, as flicker and noise do. A threshold of 1 is
    `Downsample`.

    Args:
        factor: side of the square, in pixels (channels for audio).
        threshold: events of one polarity in excess that make one.

    Examples:
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=range(6), x=[0, 1, 0, 1, 1, 0], p=[1, 1, 1, 0, 0, 1])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[6])
        >>> down = DownsampleIntegrate(factor=2, threshold=2)
        >>> down.apply(batch, Sensor(2, 1), NO_SEEDS).events.t.tolist()
        [1]
    """

    random: ClassVar[bool] = False

    factor: int
    threshold: int

    def __post_init__(self) -> None:
        set_integer(self, "factor", minimum=1, maximum=COORDINATE_LIMIT - 1)
        set_integer(self, "threshold", minimum=1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor with its sides divided, rounded up."""
        return Downsample(factor=self.factor).out_spec(spec)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events that made a neuron fire."""
        check_on_sensor(batch, sensor)
        merged = Downsample(factor=self.factor).apply(batch, sensor, seeds)
        small = self.out_spec(Spec("events", sensor)).sensor
        potential = np.zeros((small.height, small.width), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        _, x, y, p = merged.events
        _integrate((x, y, p), batch.offsets, self.threshold, potential, mask)
        return merged.keep(mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownsampleDifferentiate:
    """Downsample by integrators, and pass on where their activity changes.

    Behind the neurons of `DownsampleIntegrate` the sample is cut into steps of ``step_us``. With
    $s_k$ the ON minus the OFF events that a square's neuron fired in step k, and $s_{-1} = 0$, the
    square gives one event where $d_k = s_k - s_{k-1}$ is not 0: ON where it is positive, at the
    last µs of step k. A square that goes on as before is silent, so large objects leave their
    edges, and one that falls silent gives an event of the other polarity. Events of equal time are
    ordered by row and column.

    Args:
        factor: side of the square, in pixels.
        threshold: events of one polarity in excess that make a neuron fire.
        step_us: length of the steps that are compared, from the sample's start.

    Examples:
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 12, 13], x=[0, 1, 0, 1])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[40])
        >>> down = DownsampleDifferentiate(factor=2, threshold=1, step_us=10)
        >>> t, _, _, p = down.apply(batch, Sensor(2, 1), NO_SEEDS).events
        >>> t.tolist(), p.tolist()  # two events in each of the first two steps, then none
        ([9, 29], [1, 0])
    """

    random: ClassVar[bool] = False

    factor: int
    threshold: int
    step_us: int

    def __post_init__(self) -> None:
        set_integer(self, "factor", minimum=1, maximum=COORDINATE_LIMIT - 1)
        set_integer(self, "threshold", minimum=1)
        set_integer(self, "step_us", minimum=1, maximum=1 << 60)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor with its sides divided, rounded up; refuses audio."""
        refuse_audio(self, spec, "has no OFF events to say that activity fell")
        return Downsample(factor=self.factor).out_spec(spec)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return an event for each square and step whose activity changed."""
        integrate = DownsampleIntegrate(factor=self.factor, threshold=self.threshold)
        spikes = in_time_order(integrate.apply(batch, sensor, seeds))
        small = self.out_spec(Spec("events", sensor)).sensor
        # Net activity of each square in a step, and in the one before.
        activity = np.zeros((2, small.height * small.width), np.int64)
        # A spike changes its own step and the next one.
        out = tuple(np.empty(2 * len(spikes.events), c.dtype) for c in spikes.events)
        offsets = np.zeros_like(batch.offsets)
        samples = (spikes.offsets, batch.t_start, batch.t_stop, offsets)
        sizes = (self.step_us, small.width)
        n = _differentiate(spikes.events.arrays(), samples, sizes, activity, out)
        changes = Events(*(column[:n] for column in out))
        return EventBatch(changes, offsets, batch.t_start, batch.t_stop, batch.ids)


@kernel
def _integrate(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    threshold: int,
    potential: np.ndarray,
    mask: np.ndarray,
) -> None:
    x, y, p = columns
    for b in range(len(offsets) - 1):
        for i in range(offsets[b], offsets[b + 1]):
            v = potential[y[i], x[i]] + 2 * np.int64(p[i]) - 1
            mask[i] = abs(v) >= threshold
            potential[y[i], x[i]] = 0 if mask[i] else v
        # Only what was touched is cleared: samples may be small and the sensor large.
        for i in range(offsets[b], offsets[b + 1]):
            potential[y[i], x[i]] = 0


@kernel
def _differentiate(
    columns: tuple[np.ndarray, ...],
    samples: tuple[np.ndarray, ...],
    sizes: tuple[int, int],
    activity: np.ndarray,
    out: tuple[np.ndarray, ...],
) -> int:
    t, x, y, p = columns
    offsets, t_start, t_stop, new_offsets = samples
    step, width = sizes
    now, before = activity[0], activity[1]
    n = 0
    for b in range(len(t_start)):
        # Spikes from ``earlier`` to i are those of the step before, if it had any.
        i = earlier = offsets[b]
        while earlier < offsets[b + 1]:
            k = (t[earlier] - t_start[b]) // step + (1 if earlier < i else 0)
            stop = i
            while stop < offsets[b + 1] and (t[stop] - t_start[b]) // step == k:
                now[np.int64(y[stop]) * width + x[stop]] += 2 * np.int64(p[stop]) - 1
                stop += 1
            places = np.unique(y[earlier:stop].astype(np.int64) * width + x[earlier:stop])
            last = min(t_stop[b] - t_start[b], (k + 1) * step) - 1
            if k * step <= last:
                n = _emit((now, before), places, (t_start[b] + last, width), out, n)
            before[places] = now[places]
            now[places] = 0
            earlier, i = i, stop
        new_offsets[b + 1] = n
    return n


@kernel
def _emit(
    activity: tuple[np.ndarray, np.ndarray],
    places: np.ndarray,
    stamp: tuple[int, int],
    out: tuple[np.ndarray, ...],
    n: int,
) -> int:
    now, before = activity
    t, width = stamp
    new_t, new_x, new_y, new_p = out
    for place in places:
        if now[place] != before[place]:
            new_t[n], new_x[n], new_y[n] = t, place % width, place // width
            new_p[n] = now[place] > before[place]
            n += 1
    return n
