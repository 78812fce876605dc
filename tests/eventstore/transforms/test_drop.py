import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import DropEvents, EventBatch, RandomKey


class TestDropEvents(TransformContract):
    transform = DropEvents(fraction=0.3)


def dropped(n: int, fraction: float, seed: int) -> np.ndarray:
    batch = EventBatch.of([Events.of(t=range(n), x=[0] * n)], t_start=[0], t_stop=[n])
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    return DropEvents(fraction=fraction).apply(batch, Sensor(1, 1), seeds).events.t


@given(st.integers(0, 200), st.floats(0, 1), st.integers(0, 1000))
def test_exactly_the_fraction_goes_and_the_order_stays(n: int, fraction: float, seed: int) -> None:
    t = dropped(n, fraction, seed)
    assert len(t) == n - int(fraction * n + 0.5)
    assert np.all(np.diff(t) > 0)


def test_every_event_is_as_likely_to_stay() -> None:
    # 4,000 draws of 3 out of 10: each stays 1,200 times, sd 29.
    kept = np.bincount(np.concatenate([dropped(10, 0.7, s) for s in range(4_000)]), minlength=10)
    assert np.all(np.abs(kept - 1_200) < 5 * 29)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), "0.1"])
def test_fractions_outside_0_to_1_are_refused(fraction: float) -> None:
    with pytest.raises(InvalidInput, match=r"is outside 0 … 1"):
        DropEvents(fraction=fraction)
