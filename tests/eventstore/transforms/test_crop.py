import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import CropSpace, CropTime, FramesByBins, Pipeline, RandomKey, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestCropSpace(TransformContract):
    transform = CropSpace(x=2, y=3, width=5, height=4)


class TestCropSpaceOfAudio(TransformContract):
    transform = CropSpace(x=2, width=5)
    sensor = Sensor.audio(9)


class TestCropTime(TransformContract):
    transform = CropTime(t_start_us=10, t_stop_us=5_000)


class TestCropTimeOpen(TransformContract):
    transform = CropTime(t_start_us=10)


@given(st.integers(0, 11), st.integers(0, 8), st.data())
def test_rectangle_holds_exactly_the_events_inside(x: int, y: int, data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 12 - x)), data.draw(st.integers(1, 9 - y))
    batch = sample_batch(SENSOR)
    out = CropSpace(x=x, y=y, width=width, height=height).apply(batch, SENSOR, NO_SEEDS)
    e = batch.events
    inside = (e.x >= x) & (e.x < x + width) & (e.y >= y) & (e.y < y + height)
    assert np.array_equal(out.events.t, e.t[inside])
    assert np.array_equal(out.events.x, e.x[inside] - x)
    assert np.array_equal(out.events.y, e.y[inside] - y)


@given(st.integers(0, 12_000), st.none() | st.integers(1, 12_000))
def test_interval_is_half_open_and_counts_from_the_sample(start: int, length: int | None) -> None:
    stop = None if length is None else start + length
    batch = sample_batch(SENSOR)
    out = CropTime(t_start_us=start, t_stop_us=stop).apply(batch, SENSOR, NO_SEEDS)
    for i in range(len(batch)):
        t = batch.sample(i).t
        since = t - batch.t_start[i]
        inside = (since >= start) & (since < (stop if stop is not None else 1 << 62))
        assert np.array_equal(out.sample(i).t, t[inside])
        assert batch.t_start[i] <= out.t_start[i] <= out.t_stop[i] <= batch.t_stop[i]


def test_frames_after_a_crop_divide_what_was_kept() -> None:
    pipeline = Pipeline(CropTime(t_start_us=100, t_stop_us=200), FramesByBins(n_bins=10))
    batch = pipeline.transform(sample_batch(SENSOR), SENSOR, RandomKey())
    assert (batch.t_stop - batch.t_start).tolist() == [100, 0, 0, 0]


def test_extreme_times_do_not_overflow() -> None:
    top = (1 << 62) - 1
    batch = CropTime(t_start_us=top - 1, t_stop_us=top).apply(
        sample_batch(SENSOR), SENSOR, NO_SEEDS
    )
    assert len(batch.events) == 0


def test_a_rectangle_off_the_sensor_is_refused() -> None:
    crop = CropSpace(x=10, width=5, height=2)
    with pytest.raises(InvalidInput, match=r"x 10 … 14, y 0 … 1 leaves the sensor of 12×9"):
        crop.out_spec(Spec("events", SENSOR))


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"CropTime\(t_stop_us=5\) is out of range"):
        CropTime(t_start_us=5, t_stop_us=5)
