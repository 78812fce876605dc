import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, RandomKey, ReverseTime, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import uniform

SENSOR = Sensor(12, 9)


class TestReverseTime(TransformContract):
    transform = ReverseTime()


class TestReverseTimeOfAudio(TransformContract):
    transform = ReverseTime(probability=1, flip_polarity=False)
    sensor = Sensor.audio(9)


def backwards(events: Events, start: int, stop: int, *, flip: bool) -> Events:
    """Take one event after the other, the last one first."""
    rows = list(zip(*(c.tolist() for c in events), strict=True))
    rows = [(start + stop - 1 - t, x, y, 1 - p if flip else p) for t, x, y, p in reversed(rows)]
    t, x, y, p = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Events.of(t=t, x=x, y=y, p=p)


@given(st.floats(0, 1), st.booleans(), st.integers(0, 99))
def test_samples_run_backwards_in_their_own_windows(share: float, flip: bool, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = ReverseTime(probability=share, flip_polarity=flip).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        start, stop = int(batch.t_start[i]), int(batch.t_stop[i])
        expected = batch.sample(i)
        if uniform(own, 0) < share:
            expected = backwards(expected, start, stop, flip=flip)
        assert out.sample(i).equals(expected)
        assert back_steps(out.sample(i).t) == 0
        assert np.all((out.sample(i).t >= start) & (out.sample(i).t < stop))
    assert np.array_equal(out.t_start, batch.t_start)
    assert np.array_equal(out.t_stop, batch.t_stop)


def test_twice_is_back() -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    reverse = ReverseTime(probability=1)
    once = reverse.apply(batch, SENSOR, seeds)
    assert not once.events.equals(batch.events)
    assert reverse.apply(once, SENSOR, seeds).events.equals(batch.events)


def test_late_windows_do_not_overflow() -> None:
    late = (1 << 62) + 5
    batch = EventBatch.of([Events.of(t=[late], x=[0])], t_start=[late - 1], t_stop=[late + 9])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = ReverseTime(probability=1).apply(batch, SENSOR, seeds)
    assert out.events.t.tolist() == [late + 7]


def test_polarities_of_audio_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"one polarity(.|\n)*flip_polarity=False"):
        ReverseTime().out_spec(Spec("events", Sensor.audio(4)))
