import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, EventSpikeTensor, VoxelGrid

SENSOR = Sensor(4, 3)
Kernel = Literal["triangle", "exp", "alpha"]
Measure = Literal["time", "count"]


class TestEventSpikeTensor(TransformContract):
    transform = EventSpikeTensor(n_bins=9)


class TestEventSpikeTensorExp(TransformContract):
    transform = EventSpikeTensor(n_bins=9, kernel="exp", measure="count")


class TestEventSpikeTensorAlphaOfAudio(TransformContract):
    transform = EventSpikeTensor(n_bins=9, kernel="alpha")
    sensor = Sensor.audio(9)


def written(stage: EventSpikeTensor | VoxelGrid, events: Events) -> np.ndarray:
    samples = [events, Events.empty(), events]
    stop = int(events.t.max(initial=0)) + 9
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[stop] * 3)
    out = np.full((3, stage.n_bins, 2, 3, 4), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    tensor: np.ndarray = out[0]
    return tensor


def weight(kernel: Kernel, u: float, n_bins: int, tau: float) -> float:
    if kernel == "triangle":
        return max(0.0, 1 - (n_bins - 1) * abs(u))
    if u < 0:
        return 0.0
    return math.exp(-u / tau) if kernel == "exp" else u / tau * math.exp(1 - u / tau)


@given(
    events(SENSOR),
    st.integers(2, 12),
    st.sampled_from(["triangle", "exp", "alpha"]),
    st.sampled_from(["time", "count"]),
    st.floats(0.01, 10),
)
def test_follows_the_formula(
    events: Events, n_bins: int, kernel: Kernel, measure: Measure, tau: float
) -> None:
    stage = EventSpikeTensor(n_bins=n_bins, kernel=kernel, tau=tau, measure=measure)
    tensor = written(stage, events)
    expected = np.zeros_like(tensor, np.float64)
    first, last = int(events.t.min(initial=1 << 60)), int(events.t.max(initial=0))
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        when = (t - first) / (last - first) if last > first else 0.0
        for k in range(n_bins):
            # In whole numbers, so that an event on a bin's time is not taken for a later one.
            late = k * (last - first) < (t - first) * (n_bins - 1)
            u = k / (n_bins - 1) - when
            u = min(u, -1e-12) if late else max(u, 0.0) if kernel != "triangle" else u
            value = when if measure == "time" else 1
            expected[k, p, y, x] += value * weight(kernel, u, n_bins, tau)
    assert np.allclose(tensor, expected, rtol=1e-5, atol=1e-5)


@given(events(SENSOR), st.integers(1, 12))
def test_the_triangle_of_counts_is_a_voxel_grid(events: Events, n_bins: int) -> None:
    ours = written(EventSpikeTensor(n_bins=n_bins, measure="count"), events)
    assert np.allclose(ours, written(VoxelGrid(n_bins=n_bins, signed=False), events), atol=1e-5)


def test_one_bin_takes_all() -> None:
    events = Events.of(t=[0, 5, 10], x=[1, 1, 1])
    kernels: list[Kernel] = ["triangle", "exp"]
    for kernel in kernels:
        stage = EventSpikeTensor(n_bins=1, kernel=kernel, measure="count")
        assert written(stage, events)[0, 1, 0, 1] == 3


def test_spans_of_any_length() -> None:
    events = Events.of(t=[0, 1 << 61, 1 << 62], x=[0, 1, 2])
    tensor = written(EventSpikeTensor(n_bins=9), events)[:, 1, 0]
    assert tensor[4, 1] == 0.5
    assert tensor[8, 2] == 1
    assert tensor.sum() == 1.5


def test_the_alpha_kernel_rises_to_one_at_tau() -> None:
    events = Events.of(t=[0, 100], x=[1, 2])
    stage = EventSpikeTensor(n_bins=11, kernel="alpha", tau=0.3, measure="count")
    curve = written(stage, events)[:, 1, 0, 1]
    assert curve[0] == 0
    assert curve.argmax() == 3
    assert curve[3] == pytest.approx(1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kernel": "box"}, "kernel='box'.* is unknown"),
        ({"measure": "polarity"}, "measure='polarity'.* is unknown"),
        ({"tau": 0}, "tau=0.* is outside"),
        ({"tau": "1"}, "tau='1'.* is outside"),
        ({"n_bins": 0}, "n_bins=0.* is out of range"),
    ],
)
def test_wrong_fields_are_errors(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        EventSpikeTensor(**({"n_bins": 3} | wrong))


@pytest.mark.parametrize("kernel", ["triangle", "exp", "alpha"])
def test_events_off_the_sensor_are_errors(kernel: Kernel) -> None:
    with pytest.raises(InvalidInput, match="off the sensor of 4×3"):
        written(EventSpikeTensor(n_bins=2, kernel=kernel), Events.of(t=[0], x=[4]))
