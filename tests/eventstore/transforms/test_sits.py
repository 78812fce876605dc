import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, SpeedInvariantSurface

SENSOR = Sensor(6, 5)


class TestSpeedInvariantSurface(TransformContract):
    transform = SpeedInvariantSurface(radius=3, n_frames=7)


class TestSpeedInvariantSurfaceByTime(TransformContract):
    transform = SpeedInvariantSurface(radius=1, window_us=999)


class TestSpeedInvariantSurfaceOfAudio(TransformContract):
    transform = SpeedInvariantSurface(radius=2, window_us=999, n_frames=4)
    sensor = Sensor.audio(9)


def written(stage: SpeedInvariantSurface, events: Events, stop: int) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[stop] * 3)
    n_frames = int(stage.frame_counts(batch)[0])
    out = np.full((3, n_frames, *SENSOR.shape), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    frames: np.ndarray = out[0]
    return frames


def ranked(events: Events, radius: int) -> np.ndarray:
    """Run the paper's algorithm 1, pixel by pixel."""
    surface = np.zeros(SENSOR.shape)
    for x, y, p in zip(*(c.tolist() for c in events.arrays()[1:]), strict=True):
        before = surface[p, y, x]
        for dx in range(-radius, radius + 1):
            for dy in range(-radius, radius + 1):
                u, v = x + dx, y + dy
                inside = 0 <= u < SENSOR.width and 0 <= v < SENSOR.height
                if inside and surface[p, v, u] >= before:
                    surface[p, v, u] = max(surface[p, v, u] - 1, 0)
        surface[p, y, x] = (2 * radius + 1) ** 2
    return surface / (2 * radius + 1) ** 2


@given(events(SENSOR, max_gap_us=300), st.integers(0, 4), st.integers(1, 9))
def test_follows_the_algorithm(events: Events, radius: int, n_frames: int) -> None:
    stop = int(events.t.max(initial=0)) + 1
    out = written(SpeedInvariantSurface(radius=radius, n_frames=n_frames), events, stop)
    for k in range(n_frames):
        until = events[events.t < -(-(k + 1) * stop // n_frames)]
        assert np.allclose(out[k], ranked(until, radius), rtol=1e-6)


def test_a_moving_edge_leaves_the_same_slope_at_any_speed() -> None:
    slopes = []
    for gap in (1, 1000):
        events = Events.of(t=[i * gap for i in range(6)], x=range(6), y=[2] * 6)
        out = written(SpeedInvariantSurface(radius=2, n_frames=1), events, 6 * gap)
        slopes.append(out[0, 1, 2].tolist())
    assert slopes[0] == slopes[1] == sorted(slopes[0])
    assert slopes[0][-1] == 1


def test_a_neighbour_of_the_same_rank_is_lowered_too() -> None:
    events = Events.of(t=range(4), x=[2, 1, 0, 1])
    out = written(SpeedInvariantSurface(radius=1, n_frames=1), events, 4)
    assert (out[0, 1, 0] * 9).round().tolist() == [8, 9, 7, 0, 0, 0]


def test_the_largest_radius_fits_its_type() -> None:
    events = Events.of(t=[0, 1], x=[0, 1])
    out = written(SpeedInvariantSurface(radius=127, n_frames=1), events, 2)
    assert out[0, 1, 0, :2] == pytest.approx([1 - 1 / 255**2, 1])
    with pytest.raises(InvalidInput, match=r"radius=128.* is out of range"):
        SpeedInvariantSurface(radius=128, n_frames=1)


def test_what_comes_late_acts_late() -> None:
    events = Events.of(t=[9, 0], x=[0, 5])
    out = written(SpeedInvariantSurface(radius=0, n_frames=2), events, 10)
    assert not out[0].any()
    assert out[1, 1, 0, [0, 5]].tolist() == [1, 1]


def test_events_after_the_last_frame_do_nothing() -> None:
    events = Events.of(t=[0, 7], x=[0, 5])
    out = written(SpeedInvariantSurface(radius=0, window_us=5, n_frames=1), events, 10)
    assert np.argwhere(out).tolist() == [[0, 1, 0, 0]]


@pytest.mark.parametrize(("t", "x", "message"), [(0, 6, "off the sensor"), (5, 0, "its window")])
def test_events_off_the_sensor_or_the_window_are_errors(t: int, x: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        written(SpeedInvariantSurface(radius=1, n_frames=1), Events.of(t=[t], x=[x]), 5)
