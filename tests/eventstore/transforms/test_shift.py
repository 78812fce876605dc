import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import RandomKey, Shift
from eventstore.transforms.conformance import sample_batch

SENSOR = Sensor(12, 9)


class TestShift(TransformContract):
    transform = Shift(max_pixels=3)


class TestShiftOfAudio(TransformContract):
    transform = Shift(max_pixels=3)
    sensor = Sensor.audio(9)


@given(st.integers(0, 20), st.integers(0, 99))
def test_a_sample_moves_as_a_whole_and_loses_only_what_leaves(reach: int, seed: int) -> None:
    batch = sample_batch(SENSOR)
    rngs, same = (RandomKey(seed=seed).generators(batch.ids, stage=0) for _ in range(2))
    out = Shift(max_pixels=reach).apply(batch, SENSOR, rngs)
    for i, rng in enumerate(same):
        dx, dy = (int(d) for d in rng.integers(-reach, reach + 1, size=2))
        assert max(abs(dx), abs(dy)) <= reach
        e = batch.sample(i)
        x, y = e.x.astype(int) + dx, e.y.astype(int) + dy
        inside = (x >= 0) & (x < 12) & (y >= 0) & (y < 9)
        assert np.array_equal(out.sample(i).x, x[inside])
        assert np.array_equal(out.sample(i).y, y[inside])
        assert np.array_equal(out.sample(i).t, e.t[inside])


def test_no_shift_changes_nothing() -> None:
    batch = sample_batch(SENSOR)
    rngs = RandomKey().generators(batch.ids, stage=0)
    assert Shift(max_pixels=0).apply(batch, SENSOR, rngs).events.equals(batch.events)
