import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import DropArea, DropPixels, DropTime, EventBatch, RandomKey
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import choice, uniform

SENSOR = Sensor(12, 9)


class TestDropTime(TransformContract):
    transform = DropTime(fraction=0.4)


class TestDropTimeOfAudio(TransformContract):
    transform = DropTime(fraction=0.4)
    sensor = Sensor.audio(9)


class TestDropArea(TransformContract):
    transform = DropArea(fraction=0.4)


class TestDropAreaOfAudio(TransformContract):
    transform = DropArea(fraction=0.4)
    sensor = Sensor.audio(9)


class TestDropPixels(TransformContract):
    transform = DropPixels(fraction=0.4)


class TestDropPixelsOfAudio(TransformContract):
    transform = DropPixels(fraction=0.4)
    sensor = Sensor.audio(9)


@given(st.floats(0, 1), st.integers(0, 99))
def test_an_interval_in_the_window_is_lost(fraction: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = DropTime(fraction=fraction).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        start, stop = int(batch.t_start[i]), int(batch.t_stop[i])
        length = math.floor(fraction * (stop - start) + 0.5)
        first = start + choice(own, 0, stop - start - length + 1)
        assert start <= first <= first + length <= stop
        t = batch.sample(i).t
        assert out.sample(i).equals(batch.sample(i)[(t < first) | (t >= first + length)])


@given(st.floats(0, 1), st.integers(0, 99))
def test_a_rectangle_on_the_sensor_is_lost(fraction: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = DropArea(fraction=fraction).apply(batch, SENSOR, seeds)
    width, height = (math.floor(fraction * side + 0.5) for side in (12, 9))
    for i, own in enumerate(seeds):
        left, top = choice(own, 0, 12 - width + 1), choice(own, 1, 9 - height + 1)
        dark = np.zeros((9, 12), np.bool_)
        dark[top : top + height, left : left + width] = True
        assert np.count_nonzero(dark) == width * height
        e = batch.sample(i)
        assert out.sample(i).equals(e[~dark[e.y, e.x]])


@given(st.floats(0, 1), st.integers(0, 99))
def test_whole_pixels_are_lost(fraction: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = DropPixels(fraction=fraction).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        dark = np.array(
            [[uniform(own, y * 12 + x) < fraction for x in range(12)] for y in range(9)]
        )
        e = batch.sample(i)
        assert out.sample(i).equals(e[~dark[e.y, e.x]])


@pytest.mark.parametrize("drop", [DropTime, DropArea, DropPixels])
def test_nought_loses_nothing_and_one_loses_all(
    drop: type[DropTime] | type[DropArea] | type[DropPixels],
) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert drop(fraction=0).apply(batch, SENSOR, seeds).events.equals(batch.events)
    none_left = drop(fraction=1).apply(batch, SENSOR, seeds)
    assert len(none_left.events) == 0
    assert np.array_equal(none_left.t_stop, batch.t_stop)


def test_intervals_lie_everywhere_in_the_window() -> None:
    # The middle of a window of 10 µs is in an interval of 5 µs at 5 of 6 places, its ends at 1.
    n = 6_000
    events = Events.of(t=range(10), x=[0] * 10)
    batch = EventBatch.of([events] * n, t_start=[0] * n, t_stop=[10] * n)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    kept = np.bincount(DropTime(fraction=0.5).apply(batch, SENSOR, seeds).events.t, minlength=10)
    lost = np.minimum(np.arange(1, 11), np.arange(10, 0, -1)).clip(max=5) * n / 6
    assert np.all(np.abs(n - kept - lost) < 5 * (n / 4) ** 0.5)


def test_the_share_of_silent_pixels_is_the_fraction() -> None:
    # 10,000 pixels of which 3,000 are silent, sd 46; not the same ones in another sample.
    x, y = np.meshgrid(np.arange(100), np.arange(100))
    events = Events.of(t=np.zeros(10_000, int), x=x.ravel(), y=y.ravel())
    batch = EventBatch.of([events] * 2, t_start=[0, 0], t_stop=[1, 1])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = DropPixels(fraction=0.3).apply(batch, Sensor(100, 100), seeds)
    pixels = [set((out.sample(i).y.astype(int) * 100 + out.sample(i).x).tolist()) for i in (0, 1)]
    assert all(abs(len(kept) - 7_000) < 5 * 46 for kept in pixels)
    assert abs(len(pixels[0] & pixels[1]) - 4_900) < 5 * 50


def test_late_windows_do_not_overflow() -> None:
    late = (1 << 62) - 10
    batch = EventBatch.of([Events.of(t=[late], x=[0])], t_start=[late - 1], t_stop=[late + 9])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert len(DropTime(fraction=1).apply(batch, SENSOR, seeds).events) == 0
    assert len(DropTime(fraction=0).apply(batch, SENSOR, seeds).events) == 1


def test_an_event_off_the_sensor_is_an_error_where_pixels_are_numbered() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        DropPixels(fraction=0.5).apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), "0.1"])
@pytest.mark.parametrize("drop", [DropTime, DropArea, DropPixels])
def test_fractions_outside_0_to_1_are_refused(
    drop: type[DropTime] | type[DropArea] | type[DropPixels], fraction: float
) -> None:
    with pytest.raises(InvalidInput, match=r"\(fraction=.*\) is outside 0 … 1"):
        drop(fraction=fraction)
