import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import (
    EventBatch,
    FramesByCount,
    FramesByTime,
    SlidingFramesByCount,
    SlidingFramesByTime,
)
from eventstore.transforms.protocol import ArrayTransform

SENSOR = Sensor(4, 3)


class TestSlidingFramesByTime(TransformContract):
    transform = SlidingFramesByTime(window_us=999, stride_us=333)


class TestSlidingFramesByTimeOfAudio(TransformContract):
    transform = SlidingFramesByTime(window_us=999, stride_us=500, n_frames=4)
    sensor = Sensor.audio(9)


class TestSlidingFramesByCount(TransformContract):
    transform = SlidingFramesByCount(events_per_frame=17, stride=5)


class TestSlidingFramesByCountFixed(TransformContract):
    transform = SlidingFramesByCount(events_per_frame=17, stride=5, n_frames=3)


def written(stage: ArrayTransform, events: Events, t_start: int, t_stop: int) -> np.ndarray:
    batch = EventBatch.of([events, events], t_start=[t_start] * 2, t_stop=[t_stop] * 2)
    out = np.full((2, int(stage.frame_counts(batch)[0]), 2, 3, 4), 77, np.uint16)
    stage.write(batch, SENSOR, out)
    assert np.array_equal(out[0], out[1])
    frames: np.ndarray = out[0]
    return frames


def counted(events: Events) -> np.ndarray:
    frame = np.zeros((2, 3, 4))
    np.add.at(frame, (events.p, events.y, events.x), 1)
    return frame


@given(
    events(SENSOR, max_gap_us=100),
    st.integers(0, 1 << 60),
    st.integers(1, 400),
    st.integers(1, 400),
    st.none() | st.integers(1, 30),
)
def test_windows_slide(
    events: Events, t_start: int, window: int, stride: int, n_frames: int | None
) -> None:
    stride = min(stride, window)
    duration = int(events.t.max(initial=0)) + 1
    stage = SlidingFramesByTime(window_us=window, stride_us=stride, n_frames=n_frames)
    out = written(stage, events.shifted(t_start), t_start, t_start + duration)
    starts = [0]
    while starts[-1] + window < duration:
        starts.append(starts[-1] + stride)
    starts = starts[:n_frames]
    assert len(out) == len(starts)
    for frame, start in zip(out, starts, strict=True):
        inside = (events.t >= start) & (events.t < start + window)
        assert np.array_equal(frame, counted(events[inside]))


@given(events(SENSOR), st.integers(1, 40), st.integers(1, 40), st.none() | st.integers(1, 30))
def test_runs_slide(events: Events, per_frame: int, stride: int, n_frames: int | None) -> None:
    stride = min(stride, per_frame)
    stage = SlidingFramesByCount(events_per_frame=per_frame, stride=stride, n_frames=n_frames)
    out = written(stage, events, 0, int(events.t.max(initial=0)) + 1)
    starts = [0] if len(events) else []
    while starts and starts[-1] + per_frame < len(events):
        starts.append(starts[-1] + stride)
    starts = starts[:n_frames]
    assert len(out) == len(starts)
    for frame, start in zip(out, starts, strict=True):
        assert np.array_equal(frame, counted(events[start : start + per_frame]))


@given(events(SENSOR), st.integers(1, 400))
def test_a_stride_of_a_whole_frame_tiles(events: Events, length: int) -> None:
    stop = int(events.t.max(initial=0)) + 1
    length = max(length, stop // 1000)
    ours = written(SlidingFramesByTime(window_us=length, stride_us=length), events, 0, stop)
    assert np.array_equal(ours, written(FramesByTime(window_us=length), events, 0, stop))
    ours = written(SlidingFramesByCount(events_per_frame=length, stride=length), events, 0, stop)
    assert np.array_equal(ours, written(FramesByCount(events_per_frame=length), events, 0, stop))


def test_a_stride_longer_than_a_frame_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=re.escape("(stride_us=6) is longer than a frame of 5")):
        SlidingFramesByTime(window_us=5, stride_us=6)
    with pytest.raises(InvalidInput, match=re.escape("(stride=6) is longer than a frame of 5")):
        SlidingFramesByCount(events_per_frame=5, stride=6)


def test_counts_never_wrap() -> None:
    batch = EventBatch.of([Events.of(t=[0] * 256, x=[3] * 256)], t_start=[0], t_stop=[1])
    out = np.zeros((1, 1, 2, 3, 4), np.uint8)
    for stage in (
        SlidingFramesByTime(window_us=5, stride_us=1),
        SlidingFramesByCount(events_per_frame=256, stride=1),
    ):
        with pytest.raises(InvalidInput, match="counts more than 255 events on pixel x=3, y=0"):
            stage.write(batch, SENSOR, out)


@pytest.mark.parametrize(("t", "x", "message"), [(0, 4, "off the sensor"), (5, 0, "its window")])
def test_events_off_the_sensor_or_the_window_are_errors(t: int, x: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        written(SlidingFramesByTime(window_us=5, stride_us=1), Events.of(t=[t], x=[x]), 0, 5)


def test_a_wrong_unit_is_an_error_before_memory_runs_out() -> None:
    batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1 << 40], ids=["long"])
    with pytest.raises(InvalidInput, match="sample 'long' would take"):
        SlidingFramesByTime(window_us=9, stride_us=1).frame_counts(batch)
