import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, FramesByBins, Pipeline, RandomKey, ScaleTime
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import choice, uniform

SENSOR = Sensor(12, 9)


class TestScaleTime(TransformContract):
    transform = ScaleTime(factor_min=0.5, factor_max=2, offset_min_us=-50, offset_max_us=70)


class TestScaleTimeOfAudio(TransformContract):
    transform = ScaleTime(factor_min=0.5, factor_max=2)
    sensor = Sensor.audio(9)


@given(st.floats(1e-6, 1e3), st.floats(0, 1e3), st.integers(-99, 99), st.integers(0, 99))
def test_times_are_stretched_from_the_start_and_stay_in_the_window(
    least: float, more: float, offset: int, seed: int
) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    scale = ScaleTime(
        factor_min=least, factor_max=least + more, offset_min_us=offset, offset_max_us=offset + 9
    )
    out = scale.apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        start, stop = int(batch.t_start[i]), int(batch.t_stop[i])
        factor = least + (least + more - least) * uniform(own, 0)
        begin = start + offset + choice(own, 1, 10)
        expected = [begin + math.floor(factor * (t - start)) for t in batch.sample(i).t.tolist()]
        assert out.sample(i).t.tolist() == expected
        assert out.t_start[i] == begin
        assert out.t_stop[i] == begin + math.ceil(factor * (stop - start))
        assert all(begin <= t < out.t_stop[i] for t in expected)
        assert back_steps(out.sample(i).t) == 0
    assert np.array_equal(out.events.x, batch.events.x)


def test_equal_bounds_are_the_skew_of_other_libraries() -> None:
    batch = EventBatch.of([Events.of(t=[0, 3, 8], x=[0] * 3)], t_start=[0], t_stop=[9])
    scale = ScaleTime(factor_min=1.5, factor_max=1.5, offset_min_us=7, offset_max_us=7)
    out = scale.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))
    assert out.events.t.tolist() == [int(t * 1.5 + 7) for t in (0, 3, 8)]


def test_the_default_changes_nothing() -> None:
    batch = sample_batch(SENSOR)
    out = ScaleTime().apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))
    assert out.events.equals(batch.events)
    assert np.array_equal(out.t_stop, batch.t_stop)


def test_factors_cover_their_range_evenly() -> None:
    n = 4_000
    batch = EventBatch.of([Events.empty()] * n, t_start=[0] * n, t_stop=[10**9] * n)
    scale = ScaleTime(factor_min=0.5, factor_max=1.5)
    factors = scale.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0)).t_stop / 1e9
    assert abs(factors.mean() - 1) < 5 * (1 / 12 / n) ** 0.5
    assert 0.5 <= factors.min() < 0.51
    assert 1.49 < factors.max() <= 1.5


@given(st.floats(1e-3, 1e3))
def test_frames_that_divide_the_sample_hold_all_events(factor: float) -> None:
    batch = sample_batch(SENSOR)
    pipeline = Pipeline(ScaleTime(factor_min=factor, factor_max=factor), FramesByBins(n_bins=4))
    scaled = pipeline.transform(batch, SENSOR, RandomKey())
    frames = np.empty((4, 4, 2, 9, 12), np.float32)
    pipeline.write(scaled, SENSOR, frames)
    assert np.array_equal(frames.sum((1, 2, 3, 4)), np.diff(batch.offsets))


def test_times_past_53_bits_stay_in_the_window() -> None:
    long = 1 << 60
    events = Events.of(t=[0, long - 1], x=[0, 0])
    batch = EventBatch.of([events], t_start=[0], t_stop=[long])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = ScaleTime(factor_min=0.75, factor_max=0.75).apply(batch, SENSOR, seeds)
    assert out.events.t.max() < out.t_stop[0]


def test_times_that_would_overflow_are_refused() -> None:
    batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1 << 60], ids=["a"])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    with pytest.raises(InvalidInput, match="the times of sample 'a' would exceed"):
        ScaleTime(factor_min=4, factor_max=4).apply(batch, SENSOR, seeds)


def test_ranges_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"ScaleTime\(factor_max=1.0\) is outside 2.0 … "):
        ScaleTime(factor_min=2)
    with pytest.raises(InvalidInput, match=r"ScaleTime\(offset_max_us=0\) is out of range"):
        ScaleTime(offset_min_us=5)
    with pytest.raises(InvalidInput, match=r"ScaleTime\(factor_min=0\)"):
        ScaleTime(factor_min=0)
