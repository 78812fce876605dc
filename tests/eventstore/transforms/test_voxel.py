import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, Image, VoxelGrid

SENSOR = Sensor(4, 3)


class TestVoxelGrid(TransformContract):
    transform = VoxelGrid(n_bins=5)


class TestVoxelGridOfBothPolarities(TransformContract):
    transform = VoxelGrid(n_bins=5, signed=False)


class TestVoxelGridOfAudio(TransformContract):
    transform = VoxelGrid(n_bins=5)
    sensor = Sensor.audio(9)


def written(stage: VoxelGrid, events: Events) -> np.ndarray:
    # Three samples, the middle one empty; windows that begin before the first event.
    samples = [events, Events.empty(), events]
    stop = int(events.t.max(initial=0)) + 9
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[stop] * 3)
    out = np.full((3, stage.n_bins, 1 if stage.signed else 2, 3, 4), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    grid: np.ndarray = out[0]
    return grid


@given(events(SENSOR), st.integers(0, 1 << 60), st.integers(1, 12), st.booleans())
def test_follows_the_formula(events: Events, offset: int, n_bins: int, signed: bool) -> None:
    grid = written(VoxelGrid(n_bins=n_bins, signed=signed), events.shifted(offset))
    expected = np.zeros_like(grid, np.float64)
    first, last = int(events.t.min(initial=1 << 60)), int(events.t.max(initial=0))
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        place = (n_bins - 1) * (t - first) / (last - first) if last > first else 0.0
        for k in range(n_bins):
            sign = 1 if p or not signed else -1
            plane = 0 if signed else p
            expected[k, plane, y, x] += sign * max(0.0, 1 - abs(k - place))
    assert np.allclose(grid, expected, rtol=1e-5, atol=1e-5)


@given(events(SENSOR), st.integers(1, 12))
def test_shares_of_an_event_add_up_to_one(events: Events, n_bins: int) -> None:
    grid = written(VoxelGrid(n_bins=n_bins, signed=False), events)
    counts = np.zeros((1, 1, 2, 3, 4), np.float32)
    batch = EventBatch.of([events], t_start=[0], t_stop=[1 << 40])
    Image().write(batch, SENSOR, counts)
    assert np.allclose(grid.sum(axis=0), counts[0, 0], atol=1e-4)


def test_the_first_event_is_in_the_first_bin_and_the_last_in_the_last() -> None:
    events = Events.of(t=[5, 9, 13], x=[0, 1, 2], p=[0, 1, 1])
    grid = written(VoxelGrid(n_bins=3), events)
    assert grid[0, 0, 0].tolist() == [-1, 0, 0, 0]
    assert grid[1, 0, 0].tolist() == [0, 1, 0, 0]
    assert grid[2, 0, 0].tolist() == [0, 0, 1, 0]


def test_events_of_one_time_are_in_the_first_bin() -> None:
    grid = written(VoxelGrid(n_bins=3), Events.of(t=[5, 5], x=[0, 1], p=[0, 1]))
    assert grid[0, 0, 0].tolist() == [-1, 1, 0, 0]
    assert not grid[1:].any()


@pytest.mark.parametrize("signed", [True, False])
def test_events_off_the_sensor_are_errors(signed: bool) -> None:
    with pytest.raises(InvalidInput, match="off the sensor of 4×3"):
        written(VoxelGrid(n_bins=2, signed=signed), Events.of(t=[0], x=[4]))
    wrong = Events(*Events.of(t=[0], x=[0]).arrays()[:3], np.array([2], np.uint8))
    with pytest.raises(InvalidInput, match="p=2"):
        written(VoxelGrid(n_bins=2, signed=signed), wrong)


def test_whole_numbers_cannot_hold_shares() -> None:
    batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1])
    with pytest.raises(InvalidInput, match="makes real numbers, which uint8 cannot hold"):
        VoxelGrid(n_bins=1).write(batch, SENSOR, np.zeros((1, 1, 1, 3, 4), np.uint8))


def test_signed_is_a_bool() -> None:
    with pytest.raises(InvalidInput, match="neither True nor False"):
        VoxelGrid(n_bins=1, signed="no")  # type: ignore[arg-type]
