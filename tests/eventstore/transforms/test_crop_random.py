import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import CropCenter, CropRandom, EventBatch, RandomKey, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestCropCenter(TransformContract):
    transform = CropCenter(width=5, height=4)


class TestCropCenterOfAudio(TransformContract):
    transform = CropCenter(width=5)
    sensor = Sensor.audio(9)


class TestCropRandom(TransformContract):
    transform = CropRandom(width=5, height=4)


class TestCropRandomOfAudio(TransformContract):
    transform = CropRandom(width=5)
    sensor = Sensor.audio(9)


def cropped(events: Events, left: int, top: int, width: int, height: int) -> list[tuple[int, ...]]:
    """Look at one event after the other."""
    kept: list[tuple[int, ...]] = []
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        if left <= x < left + width and top <= y < top + height:
            kept.append((t, x - left, y - top, p))
    return kept


def rows(events: Events) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in events), strict=True))


@given(st.integers(1, 12), st.integers(1, 9))
def test_the_middle_is_kept(width: int, height: int) -> None:
    batch = sample_batch(SENSOR)
    out = CropCenter(width=width, height=height).apply(batch, SENSOR, NO_SEEDS)
    left, top = (12 - width) // 2, (9 - height) // 2
    for i in range(len(batch)):
        assert rows(out.sample(i)) == cropped(batch.sample(i), left, top, width, height)


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 99))
def test_each_sample_is_cropped_at_some_place_on_the_sensor(w: int, h: int, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = CropRandom(width=w, height=h).apply(batch, SENSOR, seeds)
    places = [(left, top) for left in range(12 - w + 1) for top in range(9 - h + 1)]
    for i in range(len(batch)):
        candidates = [cropped(batch.sample(i), left, top, w, h) for left, top in places]
        assert rows(out.sample(i)) in candidates


def test_every_place_is_as_likely() -> None:
    # 6,000 crops of 4×3 pixels over three columns and two rows of places: each 1,000 times, sd 29.
    sensor, n = Sensor(6, 4), 6_000
    crosses = EventBatch.of([Events.of(t=[0], x=[3], y=[2])] * n, t_start=[0] * n, t_stop=[1] * n)
    seeds = RandomKey().seeds(crosses.ids, stage=0)
    out = CropRandom(width=4, height=3).apply(crosses, sensor, seeds).events
    counts = np.bincount((3 - out.x.astype(int)) * 2 + 2 - out.y, minlength=6)
    assert counts.sum() == n
    assert np.all(np.abs(counts - 1_000) < 5 * 29)


def test_a_crop_of_the_whole_sensor_changes_nothing() -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    for crop in (CropRandom(width=12, height=9), CropCenter(width=12, height=9)):
        assert crop.apply(batch, SENSOR, seeds).events.equals(batch.events)


def test_events_off_the_sensor_stay_out() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[65_535], y=[65_535])], t_start=[0], t_stop=[1])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert len(CropRandom(width=2, height=2).apply(batch, SENSOR, seeds).events) == 0


@pytest.mark.parametrize("crop", [CropCenter(width=13, height=2), CropRandom(width=2, height=10)])
def test_a_crop_larger_than_the_sensor_is_refused(crop: CropCenter | CropRandom) -> None:
    with pytest.raises(InvalidInput, match=r"does not fit on the sensor of 12×9"):
        crop.out_spec(Spec("events", SENSOR))
