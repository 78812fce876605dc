from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.testing import TransformContract
from eventstore.transforms import AddNoise, EventBatch, RandomKey
from eventstore.transforms.conformance import sample_batch

SENSOR = Sensor(12, 9)


class TestAddNoise(TransformContract):
    transform = AddNoise(n_events=50)


class TestAddNoiseAtARate(TransformContract):
    transform = AddNoise(rate_hz=40)


class TestAddNoiseToAudio(TransformContract):
    transform = AddNoise(n_events=50)
    sensor = Sensor.audio(9)


def rows(events: Events) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in events), strict=True))


def noise_of(noise: AddNoise, batch: EventBatch, sensor: Sensor, seed: int) -> EventBatch:
    """Return the noise that samples get, alone: it does not depend on their events."""
    n = len(batch)
    alone = EventBatch.of(
        [Events.empty()] * n, t_start=batch.t_start, t_stop=batch.t_stop, ids=batch.ids
    )
    return noise.apply(alone, sensor, RandomKey(seed=seed).seeds(batch.ids, stage=0))


@given(st.integers(0, 60) | st.floats(0, 200), st.integers(0, 99))
def test_noise_is_merged_in_time_and_no_event_is_lost(amount: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    noise = AddNoise(n_events=amount) if isinstance(amount, int) else AddNoise(rate_hz=amount)
    out = noise.apply(batch, SENSOR, RandomKey(seed=seed).seeds(batch.ids, stage=0))
    added = noise_of(noise, batch, SENSOR, seed)
    for i in range(len(batch)):
        both = [(row[0], 0, k, row) for k, row in enumerate(rows(batch.sample(i)))]
        both += [(row[0], 1, k, row) for k, row in enumerate(rows(added.sample(i)))]
        assert rows(out.sample(i)) == [row for *_, row in sorted(both)]
        t = out.sample(i).t
        assert np.all((t >= batch.t_start[i]) & (t < batch.t_stop[i]))
        if isinstance(amount, int):
            assert len(added.sample(i)) == amount


def test_noise_is_uniform_over_time_pixels_and_polarities() -> None:
    # 21,600 events: 100 on each of 216 places, sd 10; 5,400 in each quarter, sd 64.
    window = EventBatch.of([Events.empty()], t_start=[1_000], t_stop=[1_001_000])
    for noise in (AddNoise(n_events=21_600), AddNoise(rate_hz=200)):
        e = noise_of(noise, window, SENSOR, 0).events
        assert abs(len(e) - 21_600) < 5 * 21_600**0.5
        counts = Counter(zip(e.x.tolist(), e.y.tolist(), e.p.tolist(), strict=True))
        assert len(counts) == 216
        assert max(abs(count - 100) for count in counts.values()) < 6 * 10
        quarters = np.bincount((e.t - 1_000) // 250_000)
        assert np.all(np.abs(quarters - 5_400) < 5 * 75)


def test_counts_at_a_rate_are_of_poisson() -> None:
    # 3,000 samples of which each has 4.32 events of noise on average, and the same variance.
    n, mean = 3_000, 108 * 0.04
    batch = EventBatch.of([Events.empty()] * n, t_start=[0] * n, t_stop=[1_000_000] * n)
    counts = np.diff(noise_of(AddNoise(rate_hz=0.04), batch, SENSOR, 1).offsets)
    assert abs(counts.mean() - mean) < 5 * (mean / n) ** 0.5
    assert abs(counts.var() - mean) < 5 * ((mean + 2 * mean**2) / n) ** 0.5


def test_noise_of_audio_is_on_its_row_and_of_its_polarity() -> None:
    sensor = Sensor.audio(9)
    noisy = noise_of(AddNoise(n_events=500), sample_batch(sensor), sensor, 0).events
    assert set(noisy.x.tolist()) == set(range(9))
    assert set(noisy.y.tolist()) == {0}
    assert set(noisy.p.tolist()) == {1}


def test_a_window_without_length_gets_no_noise() -> None:
    batch = EventBatch.of([Events.empty()] * 2, t_start=[5, 5], t_stop=[5, 6])
    assert np.diff(noise_of(AddNoise(n_events=3), batch, SENSOR, 0).offsets).tolist() == [0, 3]


def test_unsorted_events_are_all_kept() -> None:
    batch = EventBatch.of([Events.of(t=[9, 1, 5], x=[0, 1, 2])], t_start=[0], t_stop=[10])
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = AddNoise(n_events=4).apply(batch, Sensor(3, 1), seeds)
    assert len(out.events) == 7
    assert Counter(rows(batch.events)) <= Counter(rows(out.events))


def test_order_of_time_stays() -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = AddNoise(rate_hz=1_000).apply(batch, SENSOR, seeds)
    assert all(back_steps(out.sample(i).t) == 0 for i in range(len(out)))


def test_more_noise_than_memory_is_refused() -> None:
    batch = replace(sample_batch(SENSOR), t_stop=np.full(4, 10**12))
    with pytest.raises(
        InvalidInput, match=r"sample 'recording-0#0-10000' would get .* noise event"
    ):
        AddNoise(rate_hz=100_000).apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


def test_one_amount_is_given() -> None:
    with pytest.raises(InvalidInput, match=r"give one of the two"):
        AddNoise()
    with pytest.raises(InvalidInput, match=r"give one of the two"):
        AddNoise(rate_hz=1, n_events=1)
    with pytest.raises(InvalidInput, match=r"AddNoise\(rate_hz=-1\) is outside"):
        AddNoise(rate_hz=-1)
