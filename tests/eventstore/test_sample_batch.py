import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.sample_batch import part_of, read_samples
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import EventBatch


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    whole = tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=6)
    start = whole.t_start.copy()
    start[3] = 4_000
    return Selection(
        store=whole.store,
        recording=whole.recording,
        t_start=start,
        t_stop=whole.t_stop,
        label=whole.label,
        label_names=whole.label_names,
    )


@given(rows=st.lists(st.integers(0, 5), max_size=9))
def test_reads_samples_in_the_order_asked_for(selection: Selection, rows: list[int]) -> None:
    batch = read_samples(selection, np.array(rows, np.int64))
    assert list(batch.ids) == [selection.sample_ids()[row] for row in rows]
    for i, row in enumerate(rows):
        window = int(selection.t_start[row]), int(selection.t_stop[row])
        assert batch.sample(i).equals(selection.store.read_time(row, *window))
        assert (int(batch.t_start[i]), int(batch.t_stop[i])) == window


@given(st.lists(st.integers(0, 4), max_size=6), st.integers(0, 7), st.integers(0, 7))
def test_a_part_is_those_samples(sizes: list[int], start: int, stop: int) -> None:
    samples = [Events.of(t=range(n), x=[i] * n) for i, n in enumerate(sizes)]
    zeros = [0] * len(sizes)
    batch = EventBatch.of(samples, t_start=zeros, t_stop=[9] * len(sizes))
    stop = max(start, stop)
    part = part_of(batch, start, stop)
    assert part.ids == batch.ids[start:stop]
    for i, expected in enumerate(samples[start:stop]):
        assert part.sample(i).equals(expected)
