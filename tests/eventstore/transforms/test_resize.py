import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import Downsample, EventBatch, Resize, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS


class TestResizeDown(TransformContract):
    transform = Resize(width=5, height=7)


class TestResizeUp(TransformContract):
    transform = Resize(width=30, height=9)


class TestResizeOfAudio(TransformContract):
    transform = Resize(width=4)
    sensor = Sensor.audio(9)


@given(*(st.integers(1, 40) for _ in range(4)))
def test_every_event_stays_and_lands_in_proportion(w: int, h: int, width: int, height: int) -> None:
    batch = sample_batch(Sensor(w, h))
    out = Resize(width=width, height=height).apply(batch, Sensor(w, h), NO_SEEDS)
    assert out.events.x.tolist() == [x * width // w for x in batch.events.x.tolist()]
    assert out.events.y.tolist() == [y * height // h for y in batch.events.y.tolist()]
    assert np.array_equal(out.events.t, batch.events.t)
    assert np.array_equal(out.events.p, batch.events.p)


@given(*(st.integers(1, 300) for _ in range(2)))
def test_a_smaller_sensor_merges_evenly(size: int, new_size: int) -> None:
    new_size = min(size, new_size)
    events = Events.of(t=range(size), x=range(size))
    batch = EventBatch.of([events], t_start=[0], t_stop=[size])
    x = Resize(width=new_size).apply(batch, Sensor(size, 1), NO_SEEDS).events.x
    merged = np.bincount(x, minlength=new_size)
    assert len(merged) == new_size
    assert merged.max() - merged.min() <= 1


def test_an_exact_divisor_is_a_downsampling() -> None:
    batch, sensor = sample_batch(Sensor(12, 9)), Sensor(12, 9)
    resized = Resize(width=4, height=3).apply(batch, sensor, NO_SEEDS)
    assert resized.events.equals(Downsample(factor=3).apply(batch, sensor, NO_SEEDS).events)


def test_the_largest_sensors_do_not_wrap() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[65_535], y=[65_535])], t_start=[0], t_stop=[1])
    largest = Sensor(65_536, 65_536)
    out = Resize(width=65_536, height=65_535).apply(batch, largest, NO_SEEDS).events
    assert (out.x.tolist(), out.y.tolist()) == ([65_535], [65_534])


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        Resize(width=6, height=6).apply(batch, Sensor(12, 9), NO_SEEDS)


def test_audio_keeps_its_one_row() -> None:
    with pytest.raises(InvalidInput, match="an audio sensor has one row, not 2"):
        Resize(width=4, height=2).out_spec(Spec("events", Sensor.audio(9)))
