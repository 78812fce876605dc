import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import DecaySurface, EventBatch, TimeSurface
from eventstore.transforms.protocol import ArrayTransform

SENSOR = Sensor(4, 3)
Decay = Literal["exp", "linear"]


class TestTimeSurface(TransformContract):
    transform = TimeSurface(tau_us=3_000, window_us=999)


class TestTimeSurfaceLinear(TransformContract):
    transform = TimeSurface(tau_us=3_000, decay="linear", n_frames=7)


class TestTimeSurfaceOfAudio(TransformContract):
    transform = TimeSurface(tau_us=3_000, window_us=999, n_frames=4)
    sensor = Sensor.audio(9)


class TestDecaySurface(TransformContract):
    transform = DecaySurface(tau_us=3_000, window_us=999)


class TestDecaySurfaceOfAudio(TransformContract):
    transform = DecaySurface(tau_us=3_000, n_frames=7)
    sensor = Sensor.audio(9)


def ages(events: Events, ends: list[int]) -> list[dict[tuple[int, int, int], list[int]]]:
    """Return, for the end of each frame, the ages of all events before it, by pixel."""
    frames = []
    for end in ends:
        frame: dict[tuple[int, int, int], list[int]] = {}
        for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
            if t < end:
                frame.setdefault((p, y, x), []).append(end - t)
        frames.append(frame)
    return frames


def written(stage: ArrayTransform, events: Events, t_start: int, t_stop: int) -> np.ndarray:
    # Three samples, the middle one empty: nothing may be left over from the one before.
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[t_start] * 3, t_stop=[t_stop] * 3)
    n_frames = int(stage.frame_counts(batch)[0])
    out = np.full((3, n_frames + 1, 2, 3, 4), 77, np.float32)
    if getattr(stage, "n_frames", None) is not None:
        out = out[:, :n_frames].copy()
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    assert not out[:, n_frames:].any()
    frames: np.ndarray = out[0, :n_frames]
    return frames


def ends_of(t_start: int, duration: int, window: int) -> list[int]:
    n = -(-duration // window)
    return [t_start + min((k + 1) * window, duration) for k in range(n)]


@given(
    events(SENSOR),
    st.integers(0, 1 << 50),
    st.integers(1, 30_000),
    st.integers(1, 100_000),
    st.sampled_from(["exp", "linear"]),
)
def test_a_time_surface_shows_the_last_event(
    events: Events, t_start: int, window: int, tau: int, decay: Decay
) -> None:
    duration = int(events.t.max(initial=0)) + 1
    window = max(window, duration // 50)
    stage = TimeSurface(tau_us=tau, decay=decay, window_us=window)
    out = written(stage, events.shifted(t_start), t_start, t_start + duration)
    expected = np.zeros_like(out)
    for k, frame in enumerate(ages(events, ends_of(0, duration, window))):
        for pixel, its in frame.items():
            share = min(its) / tau
            expected[(k, *pixel)] = math.exp(-share) if decay == "exp" else max(0.0, 1 - share)
    assert np.allclose(out, expected, rtol=1e-5, atol=1e-6 if decay == "linear" else 1e-37)


@given(events(SENSOR), st.integers(1, 50), st.integers(1, 100_000))
def test_a_decay_surface_sums_all_events(events: Events, n_frames: int, tau: int) -> None:
    duration = int(events.t.max(initial=0)) + 1
    stage = DecaySurface(tau_us=tau, n_frames=n_frames)
    out = written(stage, events, 0, duration)
    expected = np.zeros_like(out)
    ends = [-(-(k + 1) * duration // n_frames) for k in range(n_frames)]
    for k, frame in enumerate(ages(events, ends)):
        for pixel, its in frame.items():
            expected[(k, *pixel)] = sum(math.exp(-age / tau) for age in its)
    assert np.allclose(out, expected, rtol=1e-5, atol=1e-37)


@given(events(SENSOR), st.data())
def test_the_order_of_events_does_not_matter(events: Events, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(events))))
    shuffled = events[np.array(order, np.int64)]
    stop = int(events.t.max(initial=0)) + 1
    for stage in (TimeSurface(tau_us=500, n_frames=9), DecaySurface(tau_us=500, n_frames=9)):
        ours = written(stage, shuffled, 0, stop)
        assert np.allclose(ours, written(stage, events, 0, stop), rtol=1e-6)


@pytest.mark.parametrize("n_frames", [2, 1000])
def test_errors_do_not_add_up_over_frames(n_frames: int) -> None:
    events = Events.of(t=[0], x=[1], y=[2], p=[1])
    stage = TimeSurface(tau_us=100_000, n_frames=n_frames)
    last = written(stage, events, 0, 100_000)[-1, 1, 2, 1]
    assert last == pytest.approx(math.exp(-1), rel=1e-5)


def test_what_is_forgotten_is_exactly_zero() -> None:
    events = Events.of(t=[0], x=[1], y=[2], p=[1])
    out = written(TimeSurface(tau_us=10, window_us=9), events, 0, 2_000)
    values = out[:, 1, 2, 1]
    assert values[0] > 0.4
    assert values[-1] == 0
    assert np.all((values == 0) | (values > 1e-38))


def test_one_frame_of_a_fixed_number_cuts_the_tail_off() -> None:
    events = Events.of(t=[0, 50], x=[0, 1])
    out = written(TimeSurface(tau_us=10, window_us=10, n_frames=2), events, 0, 100)
    assert out[0, 1, 0, 0] == pytest.approx(math.exp(-1))
    assert out[1, 1, 0, 0] == pytest.approx(math.exp(-2))
    assert np.count_nonzero(out) == 2


def test_whole_numbers_cannot_hold_a_surface() -> None:
    batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1])
    with pytest.raises(InvalidInput, match="makes real numbers, which uint8 cannot hold"):
        TimeSurface(tau_us=1, n_frames=1).write(batch, SENSOR, np.zeros((1, 1, 2, 3, 4), np.uint8))


@pytest.mark.parametrize(
    "stage", [TimeSurface(tau_us=1, n_frames=2), DecaySurface(tau_us=1, n_frames=2)]
)
def test_events_off_the_sensor_or_the_window_are_errors(stage: ArrayTransform) -> None:
    with pytest.raises(InvalidInput, match="off the sensor of 4×3"):
        written(stage, Events.of(t=[0], x=[4]), 0, 10)
    with pytest.raises(InvalidInput, match="at 10 µs lies outside its window 0 … 10 µs"):
        written(stage, Events.of(t=[10], x=[0]), 0, 10)


def test_a_decay_that_is_unknown_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"decay='cubic'.* is unknown"):
        TimeSurface(tau_us=1, n_frames=1, decay="cubic")  # type: ignore[arg-type]
