import math
from collections.abc import Callable
from statistics import fmean, pvariance

import numpy as np
import pytest
from hypothesis import given

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import Ergo12, EventBatch

SENSOR = Sensor(3, 2)
ON, OFF, BOTH = {1}, {0}, {0, 1}
TAKEN: dict[str, Callable[[list[float]], float]] = {
    "mean": fmean,
    "sum": math.fsum,
    "max": max,
    "variance": pvariance,
}
CHANNELS = [
    ("all", BOTH, "polarity", "variance"),
    ("third 3", OFF, "time", "variance"),
    ("third 2", OFF, "one", "mean"),
    ("last 1/8", BOTH, "polarity", "sum"),
    ("last 1/4", ON, "one", "mean"),
    ("last 1/8", BOTH, "one", "sum"),
    ("third 2", ON, "time", "mean"),
    ("last 1/4", OFF, "one", "mean"),
    ("third 1", OFF, "time", "max"),
    ("all", ON, "time", "max"),
    ("last 1/2", BOTH, "time", "max"),
    ("third 1", BOTH, "one", "mean"),
]


class TestErgo12(TransformContract):
    transform = Ergo12()


class TestErgo12OfAudio(TransformContract):
    transform = Ergo12()
    sensor = Sensor.audio(9)


def written(events: Events) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[1 << 40] * 3)
    out = np.full((3, 1, 12, 2, 3), 77, np.float32)
    Ergo12().write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    planes: np.ndarray = out[0, 0]
    return planes


def rows_of(window: str, n: int) -> range:
    if window == "all":
        return range(n)
    kind, which = window.split()
    if kind == "third":
        k = int(which)
        return range(-(-(k - 1) * n // 3), -(-k * n // 3))
    return range(n - -(-n // int(which[2:])), n)


def measured(events: Events) -> np.ndarray:
    """Gather what each pixel measures in each window, and take its mean, sum and so on."""
    planes = np.zeros((12, 2, 3))
    rows = list(zip(*(c.tolist() for c in events), strict=True))
    first, last = (rows[0][0], rows[-1][0]) if rows else (0, 0)
    for channel, (window, polarities, measure, taken) in enumerate(CHANNELS):
        values: dict[tuple[int, int], list[float]] = {}
        for i in rows_of(window, len(rows)):
            t, x, y, p = rows[i]
            when = (t - first) / (last - first) if last > first else 0.0
            value = {"time": when, "one": 1.0, "polarity": 1.0 if p else -1.0}[measure]
            if p in polarities:
                values.setdefault((y, x), []).append(value)
        for pixel, its in values.items():
            planes[(channel, *pixel)] = TAKEN[taken](its)
    return planes


@given(events(SENSOR))
def test_follows_the_table(events: Events) -> None:
    assert np.allclose(written(events), measured(events), rtol=1e-5, atol=1e-6)


def test_every_channel_is_reached() -> None:
    rng = np.random.default_rng(0)
    columns = {"x": rng.integers(0, 3, 400), "y": rng.integers(0, 2, 400)}
    events = Events.of(t=np.arange(400) * 7, p=rng.integers(0, 2, 400), **columns)
    planes = written(events)
    assert np.allclose(planes, measured(events), rtol=1e-5)
    assert np.all(planes.any(axis=(1, 2)))


def test_a_small_variance_late_in_a_long_sample_is_exact() -> None:
    # E[t²] − E[t]² in float32 would be all rounding here.
    t = [0, 1, 2, 3, 10**9 - 2, 10**9]
    events = Events.of(t=t, x=[0] * 6, p=[0] * 6)
    assert written(events)[1, 0, 0] == pytest.approx(1e-18, rel=1e-5)


def test_events_off_the_sensor_are_errors() -> None:
    with pytest.raises(InvalidInput, match="off the sensor of 3×2"):
        written(Events.of(t=[0], x=[3]))
