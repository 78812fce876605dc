import numpy as np
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
