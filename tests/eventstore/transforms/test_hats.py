import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import AveragedTimeSurface, EventBatch, Spec

SENSOR = Sensor(5, 4)


class TestAveragedTimeSurface(TransformContract):
    transform = AveragedTimeSurface(cell_size=5, radius=2, time_window_us=5_000, tau_us=2_000)


def written(stage: AveragedTimeSurface, events: Events) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[1 << 40] * 3)
    shape = stage.out_spec(Spec("events", SENSOR)).array_shape(3, 1)
    out = np.full(shape, 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    surfaces: np.ndarray = out[0, 0]
    return surfaces


def averaged(events: Events, stage: AveragedTimeSurface) -> np.ndarray:
    """Compare each event with all others, and average: slow, and the definition."""
    size, r = stage.cell_size, stage.radius
    across, down = -(-SENSOR.width // size), -(-SENSOR.height // size)
    total = np.zeros((down * across * 2, 2 * r + 1, 2 * r + 1))
    n = np.zeros(down * across * 2)
    rows = list(zip(*(c.tolist() for c in events), strict=True))
    for t, x, y, p in rows:
        plane = (y // size * across + x // size) * 2 + p
        n[plane] += 1
        for t_j, x_j, y_j, p_j in rows:
            other = (y_j // size * across + x_j // size) * 2 + p_j
            near = abs(x_j - x) <= r and abs(y_j - y) <= r
            if other == plane and near and t - stage.time_window_us <= t_j < t:
                total[plane, y_j - y + r, x_j - x + r] += math.exp(-(t - t_j) / stage.tau_us)
    return total / np.maximum(n, 1)[:, None, None]


@given(
    events(SENSOR, max_gap_us=300),
    st.integers(1, 6),
    st.integers(0, 3),
    st.integers(1, 10_000),
    st.integers(1, 5_000),
)
def test_follows_the_formula(
    events: Events, cell_size: int, radius: int, window: int, tau: int
) -> None:
    stage = AveragedTimeSurface(
        cell_size=cell_size, radius=radius, time_window_us=window, tau_us=tau
    )
    assert np.allclose(written(stage, events), averaged(events, stage), rtol=1e-5, atol=1e-37)


@given(events(SENSOR, max_gap_us=300), st.data())
def test_the_order_of_events_does_not_matter(events: Events, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(events)))), np.int64)
    stage = AveragedTimeSurface(cell_size=3, radius=2, time_window_us=2_000, tau_us=500)
    shuffled = written(stage, events[order])
    assert np.allclose(shuffled, written(stage, events), rtol=1e-5, atol=1e-37)


def test_neighbours_left_and_above_have_negative_offsets() -> None:
    events = Events.of(t=[0, 10], x=[1, 2], y=[1, 2])
    stage = AveragedTimeSurface(cell_size=5, radius=1, time_window_us=100, tau_us=10)
    surface = written(stage, events)[1]
    assert surface[0, 0] == pytest.approx(math.exp(-1) / 2)
    assert np.count_nonzero(surface) == 1


def test_what_has_left_the_window_leaves_nothing() -> None:
    events = Events.of(t=[*range(20), 1000], x=[0] * 20 + [1])
    stage = AveragedTimeSurface(cell_size=5, radius=1, time_window_us=100, tau_us=70)
    surface = written(stage, events)[1]
    assert np.argwhere(surface).tolist() == [[1, 1]]


def test_cells_and_polarities_do_not_see_one_another() -> None:
    events = Events.of(t=[0, 1, 2], x=[2, 3, 3], y=[0, 0, 0], p=[1, 1, 0])
    stage = AveragedTimeSurface(cell_size=3, radius=2, time_window_us=100, tau_us=10)
    assert not written(stage, events).any()


def test_long_samples_of_a_short_time_constant() -> None:
    # Their exponentials span far more than a float64.
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 300, 60) * 1_000_000 + rng.integers(0, 20, 60))
    events = Events.of(t=t, x=rng.integers(0, 2, 60), y=rng.integers(0, 2, 60))
    for window in (30, 2_000_000, 1 << 40):
        stage = AveragedTimeSurface(cell_size=3, radius=2, time_window_us=window, tau_us=9)
        surfaces = written(stage, events)
        assert surfaces.any()
        assert np.allclose(surfaces, averaged(events, stage), rtol=1e-5, atol=1e-37)


def test_audio_is_refused() -> None:
    stage = AveragedTimeSurface(cell_size=3, radius=2, time_window_us=100, tau_us=10)
    with pytest.raises(InvalidInput, match="audio has one row"):
        stage.out_spec(Spec("events", Sensor.audio(9)))


def test_events_off_the_sensor_are_errors() -> None:
    stage = AveragedTimeSurface(cell_size=3, radius=2, time_window_us=100, tau_us=10)
    with pytest.raises(InvalidInput, match="off the sensor of 5×4"):
        written(stage, Events.of(t=[0], x=[5]))


@pytest.mark.parametrize("name", ["cell_size", "radius", "time_window_us", "tau_us"])
def test_fields_out_of_range_are_errors(name: str) -> None:
    fields: dict[str, Any] = {"cell_size": 1, "radius": 1, "time_window_us": 1, "tau_us": 1}
    with pytest.raises(InvalidInput, match=f"{name}=-1.* is out of range"):
        AveragedTimeSurface(**(fields | {name: -1}))
