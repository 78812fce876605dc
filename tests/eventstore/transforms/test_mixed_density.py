from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, MixedDensityStack

SENSOR = Sensor(4, 3)


class TestMixedDensityStack(TransformContract):
    transform = MixedDensityStack(n_stacks=6)


class TestMixedDensityStackOfAudio(TransformContract):
    transform = MixedDensityStack(n_stacks=3)
    sensor = Sensor.audio(9)


def written(stage: MixedDensityStack, events: Events) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[1 << 40] * 3)
    out = np.full((3, 1, stage.n_stacks, 3, 4), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    stacks: np.ndarray = out[0, 0]
    return stacks


@given(events(SENSOR), st.sampled_from([1, 2, 7, 62]))
def test_each_stack_holds_the_last_polarities_of_its_events(events: Events, n_stacks: int) -> None:
    stacks = written(MixedDensityStack(n_stacks=n_stacks), events)
    n = len(events)
    for k in range(n_stacks):
        expected = np.zeros((3, 4))
        recent = events[n - -(-n // 2**k) :]
        for x, y, p in zip(*(c.tolist() for c in recent.arrays()[1:]), strict=True):
            expected[y, x] = 1 if p else -1
        assert np.array_equal(stacks[k], expected)


def test_a_smaller_stack_never_disagrees_with_a_larger() -> None:
    rng = np.random.default_rng(0)
    events = Events.of(
        t=np.arange(99),
        x=rng.integers(0, 4, 99),
        y=rng.integers(0, 3, 99),
        p=rng.integers(0, 2, 99),
    )
    stacks = written(MixedDensityStack(n_stacks=7), events)
    for larger, smaller in pairwise(stacks):
        assert np.all((smaller == 0) | (smaller == larger))
    assert np.count_nonzero(stacks[6]) > 0


def test_events_off_the_sensor_are_errors() -> None:
    with pytest.raises(InvalidInput, match="off the sensor of 4×3"):
        written(MixedDensityStack(n_stacks=2), Events.of(t=[0], x=[4]))
    with pytest.raises(InvalidInput, match=r"n_stacks=63.* is out of range"):
        MixedDensityStack(n_stacks=63)
