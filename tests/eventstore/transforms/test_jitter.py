import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, JitterSpace, JitterTime, RandomKey
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import normal, normal_pair

SENSOR = Sensor(12, 9)


class TestJitterSpace(TransformContract):
    transform = JitterSpace(sigma_px=1.5)


class TestJitterSpaceOfAudio(TransformContract):
    transform = JitterSpace(sigma_px=1.5)
    sensor = Sensor.audio(9)


class TestJitterTime(TransformContract):
    transform = JitterTime(sigma_us=200)


class TestJitterTimeOfAudio(TransformContract):
    transform = JitterTime(sigma_us=200)
    sensor = Sensor.audio(9)


Row = tuple[int, int, int, int]


def rows(events: Events) -> list[Row]:
    return list(zip(*(c.tolist() for c in events), strict=True))


@given(st.floats(0, 1e5), st.integers(0, 99))
def test_events_move_to_the_nearest_pixel_or_off_the_sensor(sigma: float, seed: int) -> None:
    sigma = min(sigma, 65_536.0)
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = JitterSpace(sigma_px=sigma).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        kept = []
        for k, (t, x, y, p) in enumerate(rows(batch.sample(i))):
            right, down = normal_pair(own, k)
            column, row = x + math.floor(right * sigma + 0.5), y + math.floor(down * sigma + 0.5)
            if 0 <= column < 12 and 0 <= row < 9:
                kept.append((t, column, row, p))
        assert rows(out.sample(i)) == kept


@given(st.floats(0, 1e6), st.integers(0, 99))
def test_events_move_in_time_and_stay_in_order_and_in_the_window(sigma: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = JitterTime(sigma_us=sigma).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        start, stop = int(batch.t_start[i]), int(batch.t_stop[i])
        moved = [
            (t + math.floor(normal(own, k) * sigma + 0.5), x, y, p)
            for k, (t, x, y, p) in enumerate(rows(batch.sample(i)))
        ]
        inside = [row for row in moved if start <= row[0] < stop]
        assert rows(out.sample(i)) == sorted(inside, key=lambda row: row[0])


@pytest.mark.parametrize("jitter", [JitterSpace(sigma_px=0), JitterTime(sigma_us=0)])
def test_no_jitter_changes_nothing(jitter: JitterSpace | JitterTime) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert jitter.apply(batch, SENSOR, seeds).events.equals(batch.events)


def test_displacements_have_the_spread_asked_for() -> None:
    n = 10_000
    batch = EventBatch.of(
        [Events.of(t=[5_000] * n, x=[500] * n, y=[400] * n)], t_start=[0], t_stop=[10_000]
    )
    seeds = RandomKey().seeds(batch.ids, stage=0)
    space = JitterSpace(sigma_px=20).apply(batch, Sensor(1_000, 800), seeds).events
    time = JitterTime(sigma_us=300).apply(batch, Sensor(1_000, 800), seeds).events
    for column, middle, sigma in ((space.x, 500, 20), (space.y, 400, 20), (time.t, 5_000, 300)):
        assert abs(column.mean() - middle) < 5 * sigma / n**0.5
        assert abs(column.std() - sigma) < 5 * sigma / (2 * n) ** 0.5
    correlation = np.corrcoef(space.x.astype(float), space.y.astype(float))[0, 1]
    assert abs(correlation) < 5 / n**0.5


def test_the_only_row_of_a_sensor_stays() -> None:
    batch = sample_batch(Sensor.audio(9))
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = JitterSpace(sigma_px=0.5).apply(batch, Sensor.audio(9), seeds).events
    assert len(out) > 0.8 * len(batch.events)
    assert set(out.y.tolist()) == {0}


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        JitterSpace(sigma_px=1).apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


@pytest.mark.parametrize("sigma", [-1.0, float("nan"), float("inf")])
def test_spreads_that_make_no_sense_are_refused(sigma: float) -> None:
    with pytest.raises(InvalidInput, match=r"JitterSpace\(sigma_px=.* is outside 0 … 65536"):
        JitterSpace(sigma_px=sigma)
    with pytest.raises(InvalidInput, match=r"JitterTime\(sigma_us="):
        JitterTime(sigma_us=sigma)
