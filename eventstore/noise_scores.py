"""How well noise filters tell signal from noise: their ROC curves on labelled events.

As S. Guo & T. Delbruck do ("Low cost and latency event camera background activity denoising", TPAMI
2023): noise of a known rate is added to a clean recording, so that of each event it is known which
it is; a filter's parameter is swept, and the curve of the share of signal kept over the share of
noise kept is summed up by the area under it: 1 tells them apart, 0.5 guesses.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Float64

from eventstore.draws import choice, uniform
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.noise_filter import NoiseFilter

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roc:
    """A filter's ROC curve: a point for each value of its parameter.

    Args:
        tpr: share of the signal kept, the true positive rate.
        fpr: share of the noise kept, the false positive rate.
        auc: area under the curve by trapezoids, from (0, 0) through the points to (1, 1).
    """

    tpr: Float64[np.ndarray, " n"]
    fpr: Float64[np.ndarray, " n"]
    auc: float


def roc(
    filter_of: Callable[[V], NoiseFilter],
    values: Sequence[V],
    signal: Events,
    noise: Events,
    sensor: Sensor,
) -> Roc:
    """Score a noise filter over a parameter on a recording with noise added.

    The area depends on the values: sweep the parameter from where the filter drops nearly all to
    where it keeps nearly all.

    Args:
        filter_of: makes the filter of a value.
        values: values of its parameter, in any order.
        signal: the events that should stay, in order of time.
        noise: the events that should go, in order of time, as from `shot_noise`.
        sensor: what both lie on.

    Raises:
        InvalidInput: there is no signal or no noise, or an event lies off the sensor.

    Examples:
        >>> from eventstore.transforms import BackgroundActivity
        >>> sensor = Sensor(32, 32)
        >>> moving = np.arange(30_000) // 100
        >>> edge = Events.of(t=np.arange(30_000), x=moving % 32, y=np.arange(30_000) % 32)
        >>> noise = shot_noise(sensor, t_start=0, t_stop=30_000, rate_hz=5, seed=1)
        >>> of_time = lambda us: BackgroundActivity(filter_time_us=us)
        >>> roc(of_time, [10, 100, 1_000, 10_000], edge, noise, sensor).auc > 0.9
        True
    """
    for name, events in (("signal", signal), ("noise", noise)):
        if not len(events):
            message = f"there is no {name} to score a filter with"
            raise InvalidInput(message, hint="give events of both kinds")
    events, is_signal = mix(signal, noise)
    stop = int(events.t[-1]) + 1
    batch = EventBatch.of([events], t_start=[int(events.t[0])], t_stop=[stop])
    masks = [filter_of(value).mask(batch, sensor) for value in values]
    tpr = np.array([np.count_nonzero(mask & is_signal) for mask in masks]) / len(signal)
    fpr = np.array([np.count_nonzero(mask & ~is_signal) for mask in masks]) / len(noise)
    return Roc(tpr=tpr, fpr=fpr, auc=area_under(fpr, tpr))


def area_under(fpr: Float64[np.ndarray, " n"], tpr: Float64[np.ndarray, " n"]) -> float:
    """Return the area under a ROC curve, completed by (0, 0) and (1, 1), by trapezoids.

    Examples:
        >>> area_under(np.array([0.5]), np.array([0.5])), area_under(np.zeros(1), np.ones(1))
        (0.5, 1.0)
    """
    order = np.lexsort((tpr, fpr))
    x = np.concatenate([[0.0], fpr[order], [1.0]])
    y = np.concatenate([[0.0], tpr[order], [1.0]])
    return float(np.trapezoid(y, x))


def mix(signal: Events, noise: Events) -> tuple[Events, Bool[np.ndarray, " n"]]:
    """Merge two tables by time, signal first at equal times; say of each event if it is signal.

    Examples:
        >>> events, is_signal = mix(Events.of(t=[1, 5], x=[0, 0]), Events.of(t=[0, 5], x=[1, 1]))
        >>> events.x.tolist(), is_signal.tolist()
        ([1, 0, 0, 1], [False, True, True, False])
    """
    both = Events.concatenate([signal, noise])
    order = np.argsort(both.t, kind="stable")
    return both[order], order < len(signal)


def shot_noise(sensor: Sensor, *, t_start: int, t_stop: int, rate_hz: float, seed: int) -> Events:
    """Return noise as of dark pixels: each fires by itself at random times, at the same mean rate.

    The pixels are independent Poisson processes; polarities are ON or OFF with equal chance (ON for
    audio).

    Args:
        sensor: what the noise lies on.
        t_start: first µs.
        t_stop: first µs after it.
        rate_hz: mean rate of a pixel (a channel), in events a second.
        seed: another seed gives other noise.

    Raises:
        InvalidInput: the rate is not a finite number, 0 or more.

    Examples:
        >>> noise = shot_noise(Sensor(100, 100), t_start=0, t_stop=1_000_000, rate_hz=2, seed=0)
        >>> 19_000 < len(noise) < 21_000
        True
    """
    per_us = rate_hz * 1e-6 * sensor.width * sensor.height
    if not (math.isfinite(per_us) and per_us >= 0):
        message = f"a rate of {rate_hz} Hz makes no noise"
        raise InvalidInput(message, hint="give a rate of 0 Hz or more, such as 1 to 10")
    clock = (t_start, t_stop, per_us)
    # Draws cost no state: what was counted is drawn again to be written.
    events = Events.empty(_count(seed, clock))
    _fire(seed, clock, (sensor.width, sensor.height, sensor.polarities), events.arrays())
    return events


@kernel
def _gap(seed: int, i: int, per_us: float) -> float:
    """Return the time to the next event of all pixels together, exponentially distributed."""
    return -math.log(1.0 - uniform(seed, 3 * i)) / per_us


@kernel
def _count(seed: int, clock: tuple[int, int, float]) -> int:
    t_start, t_stop, per_us = clock
    n = 0
    if per_us > 0:
        after = _gap(seed, 0, per_us)
        while after < t_stop - t_start:
            n += 1
            after += _gap(seed, n, per_us)
    return n


@kernel
def _fire(
    seed: int,
    clock: tuple[int, int, float],
    geometry: tuple[int, int, int],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    t, x, y, p = columns
    t_start, _, per_us = clock
    width, height, polarities = geometry
    after = 0.0
    for i in range(len(t)):
        after += _gap(seed, i, per_us)
        pixel = choice(seed, 3 * i + 1, width * height)
        t[i] = t_start + np.int64(after)
        x[i], y[i] = pixel % width, pixel // width
        p[i] = choice(seed, 3 * i + 2, 2) if polarities > 1 else 1
