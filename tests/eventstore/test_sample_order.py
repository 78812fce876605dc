from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.blocks import store_order
from eventstore.bucketing import Bucket
from eventstore.errors import InvalidInput
from eventstore.sample_order import EpochOrder, SampleOrder
from eventstore.sampling import Balanced, Weighted, draw
from eventstore.selection import Selection
from eventstore.testing import tiny_selection

N = 20
SAMPLINGS = [None, Balanced(), Balanced(n=33), Weighted(weights=np.arange(N), n=7)]


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    ordered = tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)
    return ordered.take(np.random.default_rng(1).permutation(N))


def served(order: EpochOrder) -> list[int]:
    rows: list[int] = order.samples[order.places].tolist()
    return rows


@settings(max_examples=60)
@given(
    sampling=st.sampled_from(SAMPLINGS),
    bucket=st.sampled_from([None, Bucket(n=9), Bucket(n=100, by="duration")]),
    shuffle=st.booleans(),
    block_size=st.one_of(st.none(), st.integers(1, 7)),
    group=st.integers(1, 8),
    epoch=st.integers(0, 3),
)
def test_exactly_what_was_drawn_is_served(
    selection: Selection, epoch: int, **arguments: Any
) -> None:
    order = SampleOrder(selection=selection, seed=4, **arguments)
    found = order.epoch(epoch)
    sampling = arguments["sampling"]
    drawn = (
        range(N) if sampling is None else draw(sampling, selection, seed=4, epoch=epoch).tolist()
    )
    assert Counter(served(found)) == Counter(drawn)
    assert sorted(found.places.tolist()) == list(range(order.n))
    # Each draw of a sample has a number of its own.
    pairs = list(zip(found.samples.tolist(), found.again.tolist(), strict=True))
    assert set(pairs) == {(row, k) for row, n in Counter(drawn).items() for k in range(n)}


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_it_is_read_in_the_order_of_the_store(selection: Selection, sampling: Any) -> None:
    rank = np.argsort(store_order(selection))
    samples = SampleOrder(selection=selection, sampling=sampling).epoch(3).samples
    assert np.all(np.diff(rank[samples]) >= 0)


def test_without_shuffling_it_is_the_selections_order(selection: Selection) -> None:
    order = SampleOrder(selection=selection, shuffle=False)
    assert served(order.epoch(0)) == served(order.epoch(5)) == list(range(N))
    drawn = served(SampleOrder(selection=selection, shuffle=False, sampling=Balanced()).epoch(0))
    assert drawn == sorted(drawn)


def test_epochs_differ(selection: Selection) -> None:
    order = SampleOrder(selection=selection)
    assert served(order.epoch(0)) != served(order.epoch(1))
    assert served(order.epoch(1)) == served(SampleOrder(selection=selection).epoch(1))


def test_buckets_sort_by_what_they_are_told(selection: Selection) -> None:
    sizes = selection.store.recordings.row_size[selection.recording]
    steps = {
        by: SampleOrder(selection=selection, bucket=Bucket(n=N, by=by), group=4).epoch(0)
        for by in ("events", "duration")
    }
    by_events = [sorted(sizes[served(steps["events"])[i : i + 4]].tolist()) for i in range(0, N, 4)]
    assert sorted(by_events) == np.sort(sizes).reshape(-1, 4).tolist()
    duration = selection.t_stop - selection.t_start
    by_time = [duration[served(steps["duration"])[i : i + 4]].tolist() for i in range(0, N, 4)]
    assert sorted(map(sorted, by_time)) == np.sort(duration).reshape(-1, 4).tolist()


def test_the_identity_tells_orders_apart(selection: Selection) -> None:
    plain = SampleOrder(selection=selection)
    others = [
        replace(plain, seed=1),
        replace(plain, shuffle=False),
        replace(plain, block_size=3),
        replace(plain, memory_bytes=10_000),
        replace(plain, sampling=Balanced()),
        replace(plain, bucket=Bucket(n=8)),
        replace(plain, bucket=Bucket(n=8), group=4),
        replace(plain, selection=selection.take(range(N - 1))),
    ]
    assert replace(plain, group=4).identity() == plain.identity()
    assert len({str(order.identity()) for order in (plain, *others)}) == len(others) + 1


def test_blocks_are_planned_for_what_is_drawn(selection: Selection) -> None:
    sizes = selection.store.recordings.row_size[selection.recording]
    largest = np.zeros(N)
    largest[np.argmax(sizes)] = 1
    memory = 26 * 1_000  # 1,000 events a pool, 125 a block
    every = SampleOrder(selection=selection, memory_bytes=memory)
    large = replace(every, sampling=Weighted(weights=largest, n=50))
    assert large.blocks.blocks_in_flight * int(sizes.max()) * large.blocks.block_size <= 1_000
    assert large.blocks.blocks_in_flight < every.blocks.blocks_in_flight


def test_no_samples(selection: Selection) -> None:
    for sampling in (None, Balanced()):
        order = SampleOrder(selection=selection.take([]), sampling=sampling, bucket=Bucket(n=3))
        assert served(order.epoch(0)) == []


def test_what_cannot_be_is_refused_at_once(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="1 weights for 20 samples"):
        SampleOrder(selection=selection, sampling=Weighted(weights=[1]))
    with pytest.raises(InvalidInput, match="memory_bytes=0 is below 1"):
        SampleOrder(selection=selection, memory_bytes=0)
