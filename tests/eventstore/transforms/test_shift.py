import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, RandomKey, Shift
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import uniform

SENSOR = Sensor(12, 9)


class TestShift(TransformContract):
    transform = Shift(max_pixels=3)


class TestShiftOfAudio(TransformContract):
    transform = Shift(max_pixels=3)
    sensor = Sensor.audio(9)


@given(st.integers(0, 20), st.integers(0, 99))
def test_a_sample_moves_as_a_whole_and_loses_only_what_leaves(reach: int, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = Shift(max_pixels=reach).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        dx, dy = (int(uniform(own, k) * (2 * reach + 1)) - reach for k in (0, 1))
        assert max(abs(dx), abs(dy)) <= reach
        e = batch.sample(i)
        x, y = e.x.astype(int) + dx, e.y.astype(int) + dy
        inside = (x >= 0) & (x < 12) & (y >= 0) & (y < 9)
        assert np.array_equal(out.sample(i).x, x[inside])
        assert np.array_equal(out.sample(i).y, y[inside])
        assert np.array_equal(out.sample(i).t, e.t[inside])


def test_no_shift_changes_nothing() -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert Shift(max_pixels=0).apply(batch, SENSOR, seeds).events.equals(batch.events)


def test_shifts_are_uniform() -> None:
    # 5,000 shifts over −2 … 2: each 1,000 times, sd 28.
    centre = EventBatch.of(
        [Events.of(t=[0], x=[6], y=[4])] * 5_000, t_start=[0] * 5_000, t_stop=[1] * 5_000
    )
    seeds = RandomKey().seeds(centre.ids, stage=0)
    moved = Shift(max_pixels=2).apply(centre, SENSOR, seeds).events
    for column, origin in ((moved.x, 6), (moved.y, 4)):
        counts = np.bincount(column - np.uint16(origin - 2), minlength=5)
        assert np.all(np.abs(counts - 1_000) < 5 * 28)
