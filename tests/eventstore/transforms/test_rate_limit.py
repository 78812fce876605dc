import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, LimitRate
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestLimitRate(TransformContract):
    transform = LimitRate(max_rate_hz=15_000)


class TestLimitRateOfAudio(TransformContract):
    transform = LimitRate(max_rate_hz=15_000, window_us=300)
    sensor = Sensor.audio(9)


def limited(t: list[int], start: int, window: int, budget: float) -> list[int]:
    """Go through the windows one by one, and through the events of each."""
    kept = []
    for j in range((t[-1] - start) // window + 1 if t else 0):
        inside = [u for u in t if j * window <= u - start < (j + 1) * window]
        m = min(math.floor((j + 1) * budget) - math.floor(j * budget), len(inside))
        for k, u in enumerate(inside):
            if (k + 1) * m // len(inside) > k * m // len(inside):
                kept.append(u)
    return kept


@given(
    st.lists(st.integers(7, 400), max_size=80),
    st.integers(1, 100),
    st.floats(0, 1e6),
)
def test_equals_the_definition(t: list[int], window: int, rate: float) -> None:
    t = sorted(t)
    # The column tells events of equal times apart.
    events = Events.of(t=t, x=range(len(t)))
    batch = EventBatch.of([events, events], t_start=[7, 0], t_stop=[401, 401])
    out = LimitRate(max_rate_hz=rate, window_us=window).apply(batch, SENSOR, NO_SEEDS)
    for i, start in enumerate((7, 0)):
        assert out.sample(i).t.tolist() == limited(t, start, window, rate * 1e-6 * window)
        assert np.all(np.diff(out.sample(i).x.astype(int)) > 0)


def test_a_rate_within_the_budget_is_left_alone() -> None:
    batch = sample_batch(SENSOR)
    out = LimitRate(max_rate_hz=1e9).apply(batch, SENSOR, NO_SEEDS)
    assert out.events.equals(batch.events)


def test_nothing_is_allowed_at_no_rate() -> None:
    assert len(LimitRate(max_rate_hz=0).apply(sample_batch(SENSOR), SENSOR, NO_SEEDS).events) == 0


def test_the_mean_rate_is_the_limit_also_where_budgets_are_no_whole_numbers() -> None:
    t = np.arange(100_000)
    batch = EventBatch.of([Events.of(t=t, x=t * 0)], t_start=[0], t_stop=[100_000])
    out = LimitRate(max_rate_hz=2_500, window_us=1_000).apply(batch, SENSOR, NO_SEEDS)
    assert len(out.events) == 250
    # Evenly: two and three a window in turn, at least 333 µs apart.
    assert set(np.bincount(out.events.t // 1_000).tolist()) == {2, 3}
    assert np.diff(out.events.t).min() >= 333


def test_fields_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"LimitRate\(window_us=0\) is out of range"):
        LimitRate(max_rate_hz=5, window_us=0)
    with pytest.raises(InvalidInput, match=r"LimitRate\(max_rate_hz=-1\) is outside 0 … "):
        LimitRate(max_rate_hz=-1)
