from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, MaskHotPixels, MaskPixels, Pipeline, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestMaskPixels(TransformContract):
    transform = MaskPixels(pixels=((3, 2), (0, 0), (11, 8)))


class TestMaskNoPixels(TransformContract):
    transform = MaskPixels(pixels=())


class TestMaskPixelsOfAudio(TransformContract):
    transform = MaskPixels(pixels=((3, 0),))
    sensor = Sensor.audio(9)


class TestMaskHotPixels(TransformContract):
    transform = MaskHotPixels(max_rate_hz=300)


class TestMaskHotPixelsOfAudio(TransformContract):
    transform = MaskHotPixels(max_rate_hz=3_300)
    sensor = Sensor.audio(9)


@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 8)), max_size=80))
def test_exactly_the_pixels_named_are_silent(pixels: set[tuple[int, int]]) -> None:
    batch = sample_batch(SENSOR)
    out = MaskPixels(pixels=tuple(pixels)).apply(batch, SENSOR, NO_SEEDS)
    for i in range(len(batch)):
        e = batch.sample(i)
        keep = [(x, y) not in pixels for x, y in zip(e.x.tolist(), e.y.tolist(), strict=True)]
        assert out.sample(i).equals(e[np.array(keep, np.bool_)])


def test_equal_masks_are_equal_pipelines() -> None:
    one = MaskPixels(pixels=((3, 2), (0, 5), (3, 2)))
    other = MaskPixels(pixels=np.array([[0, 5], [3, 2]], np.uint16))  # type: ignore[arg-type]
    assert one == other
    assert Pipeline(one).fingerprint == Pipeline(other).fingerprint


@pytest.mark.parametrize(
    "pixels", [((1, 2, 3),), ((-1, 0),), ((0, 65_536),), ((0.5, 1),), (("a", "b"),), 5]
)
def test_what_is_no_list_of_pixels_is_refused(pixels: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidInput, match="are no pixels"):
        MaskPixels(pixels=pixels)


def test_pixels_off_the_sensor_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"pixel \(9, 11\) lies off the sensor of 12×9"):
        MaskPixels(pixels=((11, 8), (9, 11))).out_spec(Spec("events", SENSOR))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=60),
    st.floats(0, 10_000),
    st.integers(60, 5_000),
)
def test_pixels_are_hot_past_the_rate(
    places: list[tuple[int, int]], rate: float, length: int
) -> None:
    x, y = zip(*places, strict=True) if places else ((), ())
    events = Events.of(t=range(len(places)), x=x, y=y)
    batch = EventBatch.of([events, events], t_start=[0, 0], t_stop=[length, 2 * length])
    out = MaskHotPixels(max_rate_hz=rate).apply(batch, Sensor(4, 3), NO_SEEDS)
    counts = Counter(places)
    for i, stop in enumerate((length, 2 * length)):
        cool = [counts[place] < 2 or counts[place] <= rate * 1e-6 * stop for place in places]
        assert out.sample(i).equals(events[np.array(cool, np.bool_)])


def test_one_event_is_no_rate() -> None:
    batch = EventBatch.of([Events.of(t=[0, 0], x=[0, 1])], t_start=[0], t_stop=[1])
    assert len(MaskHotPixels(max_rate_hz=0).apply(batch, SENSOR, NO_SEEDS).events) == 2


@pytest.mark.parametrize("mask", [MaskPixels(pixels=((0, 0),)), MaskHotPixels(max_rate_hz=1)])
def test_an_event_off_the_sensor_is_an_error(mask: MaskPixels | MaskHotPixels) -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        mask.apply(batch, SENSOR, NO_SEEDS)
