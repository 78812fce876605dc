import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.transforms import EventBatch
from eventstore.transforms.time_order import in_time_order


@given(st.lists(st.lists(st.integers(-5, 5), max_size=30), max_size=4))
def test_each_sample_is_sorted_stably_by_itself(times: list[list[int]]) -> None:
    samples = [Events.of(t=t, x=range(len(t))) for t in times]
    n = len(times)
    batch = EventBatch.of(samples, t_start=[-5] * n, t_stop=[6] * n)
    out = in_time_order(batch)
    for i, t in enumerate(times):
        expected = sorted(zip(t, range(len(t)), strict=True))
        found = out.sample(i)
        assert list(zip(found.t.tolist(), found.x.tolist(), strict=True)) == expected
    assert np.array_equal(out.offsets, batch.offsets)


@pytest.mark.parametrize("span", [0, 1, 2_047, 2_048, 300_000, 1 << 40, (1 << 63) - 1])
@pytest.mark.parametrize("n", [500, 5_000])  # by comparison, and by digits
def test_large_samples_too(span: int, n: int) -> None:
    rng = np.random.default_rng(span % 1_000)
    t = rng.integers(-1 - span // 2, 1 + span // 2, n)
    batch = EventBatch.of([Events.of(t=t, x=np.arange(n))], t_start=[-(1 << 62)], t_stop=[1 << 62])
    out = in_time_order(batch).events
    assert np.array_equal(out.x, np.argsort(t, kind="stable"))
    assert np.array_equal(out.t, np.sort(t))


def test_the_whole_range_of_times() -> None:
    t = np.tile([(1 << 63) - 1, -(1 << 63), 0], 1_000)
    batch = EventBatch.of([Events.of(t=t, x=np.arange(3_000))], t_start=[0], t_stop=[1])
    assert np.array_equal(in_time_order(batch).events.x, np.argsort(t, kind="stable"))
