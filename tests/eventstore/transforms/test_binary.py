import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import BinaryFrames, EventBatch, FramesByBins, FramesByTime
from eventstore.transforms.protocol import ArrayTransform

SENSOR = Sensor(4, 3)


class TestBinaryFrames(TransformContract):
    transform = BinaryFrames(n_frames=7)


class TestBinaryFramesByTime(TransformContract):
    transform = BinaryFrames(window_us=999)


class TestBinaryFramesOfAudio(TransformContract):
    transform = BinaryFrames(window_us=999, n_frames=5)
    sensor = Sensor.audio(9)


@given(events(SENSOR, max_gap_us=100), st.integers(1, 400), st.integers(1, 20))
def test_bits_say_whether_the_count_is_any(events: Events, window: int, n_frames: int) -> None:
    stop = int(events.t.max(initial=0)) + 1
    batch = EventBatch.of([events, events[:3]], t_start=[0, 0], t_stop=[stop, stop])
    pairs: list[tuple[ArrayTransform, ArrayTransform]] = [
        (BinaryFrames(n_frames=n_frames), FramesByBins(n_bins=n_frames)),
        (
            BinaryFrames(window_us=window, n_frames=n_frames),
            FramesByTime(window_us=window, n_frames=n_frames),
        ),
        (BinaryFrames(window_us=window), FramesByTime(window_us=window)),
    ]
    for stage, counting in pairs:
        assert stage.frame_counts(batch).tolist() == counting.frame_counts(batch).tolist()
        shape = (2, int(stage.frame_counts(batch).max()), *SENSOR.shape)
        bits, counts = np.full(shape, 7, np.uint8), np.full(shape, 7, np.uint8)
        stage.write(batch, SENSOR, bits)
        counting.write(batch, SENSOR, counts)
        assert np.array_equal(bits, counts > 0)


def test_any_number_of_events_fits() -> None:
    batch = EventBatch.of([Events.of(t=[0] * 999, x=[3] * 999)], t_start=[0], t_stop=[1])
    out = np.full((1, 1, *SENSOR.shape), 7, np.uint8)
    BinaryFrames(n_frames=1).write(batch, SENSOR, out)
    assert out.sum() == out[0, 0, 1, 0, 3] == 1


@pytest.mark.parametrize(("t", "x", "message"), [(0, 4, "off the sensor"), (5, 0, "its window")])
def test_events_off_the_sensor_or_the_window_are_errors(t: int, x: int, message: str) -> None:
    batch = EventBatch.of([Events.of(t=[t], x=[x])], t_start=[0], t_stop=[5])
    with pytest.raises(InvalidInput, match=message):
        BinaryFrames(n_frames=1).write(batch, SENSOR, np.zeros((1, 1, *SENSOR.shape), np.uint8))
