import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import (
    EventBatch,
    FramesByBins,
    FramesByCount,
    FramesByEventBins,
    FramesByTime,
    Image,
)
from eventstore.transforms.protocol import ArrayTransform

SENSOR = Sensor(4, 3)


class TestFramesByBins(TransformContract):
    transform = FramesByBins(n_bins=7)


class TestFramesByBinsOfAudio(TransformContract):
    transform = FramesByBins(n_bins=7)
    sensor = Sensor.audio(9)


class TestFramesByTime(TransformContract):
    transform = FramesByTime(window_us=999)


class TestFramesByTimeFixed(TransformContract):
    transform = FramesByTime(window_us=999, n_frames=4)


class TestFramesByCount(TransformContract):
    transform = FramesByCount(events_per_frame=17)


class TestFramesByCountFixed(TransformContract):
    transform = FramesByCount(events_per_frame=17, n_frames=3)


class TestFramesByTimeOfAudio(TransformContract):
    transform = FramesByTime(window_us=999)
    sensor = Sensor.audio(9)


class TestFramesByEventBins(TransformContract):
    transform = FramesByEventBins(n_bins=7)


class TestFramesByEventBinsOfAudio(TransformContract):
    transform = FramesByEventBins(n_bins=7)
    sensor = Sensor.audio(9)


class TestImage(TransformContract):
    transform = Image()


class TestImageOfAudio(TransformContract):
    transform = Image()
    sensor = Sensor.audio(9)


rows = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)),
    max_size=30,
)


def table(rows: list[tuple[int, int, int, int]], t_start: int) -> Events:
    t, x, y, p = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Events.of(t=[t_start + each for each in t], x=x, y=y, p=p)


def counted(events: Events, frame: list[int], n_frames: int) -> np.ndarray:
    out = np.zeros((n_frames, 2, 3, 4))
    inside = np.array([k < n_frames for k in frame], np.bool_)
    index = np.array(frame, np.int64)
    e = events[inside]
    np.add.at(out, (index[inside], e.p, e.y, e.x), 1)
    return out


def written(
    stage: ArrayTransform, events: Events, t_start: int, t_stop: int, dtype: str = "uint8"
) -> np.ndarray:
    batch = EventBatch.of([events, events], t_start=[t_start] * 2, t_stop=[t_stop] * 2)
    n_frames = int(stage.frame_counts(batch)[0])
    out = np.full((2, n_frames, 2, 3, 4), 9, dtype)
    stage.write(batch, SENSOR, out)
    assert np.array_equal(out[0], out[1])
    frames: np.ndarray = out[0]
    return frames


@given(rows, st.integers(0, 1 << 61), st.integers(100, 500), st.integers(1, 70))
def test_bins_follow_the_formula_in_any_order(
    rows: list[tuple[int, int, int, int]], t_start: int, duration: int, n_bins: int
) -> None:
    events = table(rows, t_start)
    out = written(FramesByBins(n_bins=n_bins), events, t_start, t_start + duration)
    frame = [(int(t) - t_start) * n_bins // duration for t in events.t]
    assert np.array_equal(out, counted(events, frame, n_bins))
    assert out.sum() == len(events)


@given(rows, st.integers(0, 1 << 60), st.integers(100, 500), st.integers(1, 600))
def test_windows_tile_the_sample(
    rows: list[tuple[int, int, int, int]], t_start: int, duration: int, window: int
) -> None:
    events = table(rows, t_start)
    stage = FramesByTime(window_us=window)
    out = written(stage, events, t_start, t_start + duration, "float32")
    frame = [(int(t) - t_start) // window for t in events.t]
    assert len(out) == -(-duration // window)
    assert np.array_equal(out, counted(events, frame, len(out)))


@given(rows, st.integers(1, 100), st.integers(1, 12))
def test_a_fixed_number_of_windows_cuts_or_pads(
    rows: list[tuple[int, int, int, int]], window: int, n_frames: int
) -> None:
    events = table(sorted(rows), 0)
    stage = FramesByTime(window_us=window, n_frames=n_frames)
    batch = EventBatch.of([events], t_start=[0], t_stop=[100])
    out = np.empty((1, n_frames, 2, 3, 4), np.uint16)
    stage.write(batch, SENSOR, out)
    frame = [int(t) // window for t in events.t]
    assert np.array_equal(out[0], counted(events, frame, n_frames))
    assert stage.frame_counts(batch)[0] == min(n_frames, -(-100 // window))


@given(rows, st.integers(1, 40))
def test_runs_of_events_keep_the_last_partial_one(
    rows: list[tuple[int, int, int, int]], per_frame: int
) -> None:
    events = table(sorted(rows), 0)
    out = written(FramesByCount(events_per_frame=per_frame), events, 0, 100)
    frame = [i // per_frame for i in range(len(events))]
    assert len(out) == -(-len(events) // per_frame)
    assert np.array_equal(out, counted(events, frame, len(out)))


@given(rows, st.integers(1, 40))
def test_bins_of_events_share_them_equally(
    rows: list[tuple[int, int, int, int]], n_bins: int
) -> None:
    events = table(rows, 0)
    out = written(FramesByEventBins(n_bins=n_bins), events, 0, 100)
    frame = [i * n_bins // max(len(events), 1) for i in range(len(events))]
    assert np.array_equal(out, counted(events, frame, n_bins))
    in_each = out.sum(axis=(1, 2, 3), dtype=np.int64)
    assert in_each.max() - in_each.min() <= 1


@given(rows)
def test_an_image_counts_them_all(rows: list[tuple[int, int, int, int]]) -> None:
    events = table(rows, 0)
    out = written(Image(), events, 0, 100)
    assert np.array_equal(out, counted(events, [0] * len(events), 1))


def test_rasters_of_audio_count_each_channel() -> None:
    events = Events.of(t=[0, 4, 5, 9], x=[2, 2, 0, 1])
    batch = EventBatch.of([events], t_start=[0], t_stop=[10])
    for stage in (FramesByTime(window_us=5), FramesByBins(n_bins=2)):
        out = np.full((1, 2, 1, 1, 3), 9, np.uint8)
        stage.write(batch, Sensor.audio(3), out)
        assert out[0, :, 0, 0].tolist() == [[0, 0, 2], [1, 1, 0]]


def test_the_last_event_is_in_the_last_bin() -> None:
    events = Events.of(t=[0, 99], x=[1, 2], y=[0, 0], p=[1, 0])
    out = written(FramesByBins(n_bins=3), events, 0, 100)
    assert out[0, 1, 0, 1] == 1
    assert out[2, 0, 0, 2] == 1


@pytest.mark.parametrize(("dtype", "top"), [("uint8", 255), ("uint16", 65_535)])
@pytest.mark.parametrize(
    "stage", [FramesByBins(n_bins=1), FramesByCount(events_per_frame=1 << 30), Image()]
)
def test_counts_never_wrap(stage: ArrayTransform, dtype: str, top: int) -> None:
    n = top + 1
    events = Events.of(t=np.zeros(n, np.int64), x=np.full(n, 3), y=np.full(n, 2))
    assert written(stage, events[1:], 0, 1, dtype).max() == top
    message = (
        f"frame 0 of sample '0' counts more than {top} events on pixel x=3, y=2, p=1 "
        f"(of {n} in the sample), which {dtype} cannot hold"
    )
    with pytest.raises(InvalidInput, match=re.escape(message)):
        written(stage, events, 0, 1, dtype)


@pytest.mark.parametrize("stage", [FramesByBins(n_bins=1), FramesByCount(events_per_frame=9)])
@pytest.mark.parametrize("wrong", [{"x": [4]}, {"y": [3]}])
def test_an_event_off_the_sensor_is_an_error(stage: ArrayTransform, wrong: Any) -> None:
    events = Events.of(**({"t": [0], "x": [0], "y": [0]} | wrong))
    with pytest.raises(InvalidInput, match="off the sensor of 4×3"):
        written(stage, events, 0, 1)


@pytest.mark.parametrize("t", [4, 10])
def test_an_event_outside_the_window_is_an_error(t: int) -> None:
    with pytest.raises(InvalidInput, match=rf"at {t} µs lies outside its window 5 … 10 µs"):
        written(FramesByBins(n_bins=2), Events.of(t=[5, t], x=[0, 0]), 5, 10)


def test_a_sample_without_duration_makes_no_windows_and_empty_bins() -> None:
    assert written(FramesByTime(window_us=5), Events.empty(), 7, 7).shape == (0, 2, 3, 4)
    assert not written(FramesByBins(n_bins=5), Events.empty(), 7, 7).any()


def test_a_wrong_unit_is_an_error_before_memory_runs_out() -> None:
    batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1 << 40], ids=["long"])
    with pytest.raises(InvalidInput, match="sample 'long' would take 1099511627776 frames"):
        FramesByTime(window_us=1).frame_counts(batch)
