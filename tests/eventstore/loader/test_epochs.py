"""What an epoch serves depends on its content, seed and number, and on nothing else."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from eventstore.append import StoreWriter
from eventstore.bucketing import Bucket
from eventstore.files import ByteRange, LocalFiles
from eventstore.loader import Batch, Loader
from eventstore.range_cache import CacheConfig
from eventstore.sampling import Balanced, Weighted
from eventstore.schema import Layout
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import DropEvents, FramesByCount, JitterTime, Pipeline, Shift

N = 60
AUGMENTED = Pipeline(
    DropEvents(fraction=0.3),
    JitterTime(sigma_us=50),
    Shift(max_pixels=1),
    FramesByCount(events_per_frame=20),
)
ARGUMENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "balanced": {"sampling": Balanced(n=75)},
    "weighted": {"sampling": Weighted(weights=np.arange(N)), "drop_last": True},
    "bucket": {"bucket": Bucket(n=24), "dtype": "sparse"},
    "both": {"sampling": Balanced(), "bucket": Bucket(n=24), "dtype": "bfloat16"},
    "unshuffled": {"shuffle": False, "dtype": "uint8"},
}


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


def same(a: list[Batch], b: list[Batch]) -> bool:
    return len(a) == len(b) and all(
        x.ids == y.ids
        and torch.equal(x.dense().x, y.dense().x)
        and torch.equal(x.label, y.label)
        and torch.equal(x.length, y.length)
        for x, y in zip(a, b, strict=True)
    )


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_an_epoch_taken_up_at_any_batch_is_the_same_to_the_bit(
    selection: Selection, kind: str
) -> None:
    def make() -> Loader:
        return Loader(
            selection, AUGMENTED, batch_size=2, seed=9, block_size=4, prefetch=1, **ARGUMENTS[kind]
        )

    whole = make()
    whole.set_epoch(5)
    states, batches = [whole.state_dict()], []
    for batch in whole:
        batches.append(batch)
        states.append(json.loads(json.dumps(whole.state_dict())))
    assert len(batches) >= 29
    for at in np.random.default_rng(0).choice(len(batches), 20, replace=False).tolist():
        resumed = make()
        resumed.load_state_dict(states[at])
        assert same(list(resumed), batches[at:])


def test_a_sample_drawn_again_is_another_one_to_random_transforms(selection: Selection) -> None:
    weights = np.zeros(N)
    weights[7] = 1
    for pipeline, different in ((AUGMENTED, 12), (Pipeline(AUGMENTED.stages[-1]), 1)):
        loader = Loader(selection, pipeline, sampling=Weighted(weights=weights, n=12))
        (batch,) = loader
        assert Counter(batch.ids) == {selection.sample_ids()[7]: 12}
        shown = {
            frames[: int(length)].numpy().tobytes()
            for frames, length in zip(batch.x, batch.length, strict=True)
        }
        assert len(shown) == different


def test_batches_of_buckets_are_padded_less(selection: Selection) -> None:
    pipeline = Pipeline(FramesByCount(events_per_frame=5))

    def padding(**arguments: Any) -> int:
        batches = Loader(selection, pipeline, batch_size=6, **arguments)
        return sum(int((~batch.mask).sum()) for batch in batches)

    assert padding(bucket=Bucket(n=N)) * 4 < padding()


@pytest.fixture(scope="module")
def other(selection: Selection, tmp_path_factory: pytest.TempPathFactory) -> Selection:
    """Return the same samples in a store that is cut and coded otherwise."""
    path = tmp_path_factory.mktemp("other") / "events.zarr"
    layout = Layout(chunk_events=64, shard_events=1024, table_rows=4)
    with StoreWriter.create(path, TINY_SENSOR, layout=layout, tier="fast") as writer:
        for i, name in enumerate(selection.store.recordings.ids):
            writer.append(name, [selection.store.read(i)], source_sha256=bytes(32))
    return replace(selection, store=EventStore.open(path))


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_how_a_store_is_cut_and_coded_changes_nothing(
    selection: Selection, other: Selection, kind: str
) -> None:
    assert other.store.digest == selection.store.digest
    found, expected = (
        Loader(its, AUGMENTED, batch_size=7, seed=2, **ARGUMENTS[kind])
        for its in (other, selection)
    )
    assert same(list(found), list(expected))
    found.load_state_dict(expected.state_dict())


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("kind", ["plain", "both"])
def test_a_store_behind_a_web_server_serves_the_same(
    web_server: Any,
    sample_store: Path,
    select: Callable[[EventStore], Selection],
    tmp_path: Path,
    *,
    kind: str,
    cached: bool,
) -> None:
    pytest.importorskip("aiohttp")
    cache = CacheConfig(folder=tmp_path / "cache") if cached else None
    arguments = {**ARGUMENTS[kind], "batch_size": 2, "block_size": 2, "prefetch": 4}
    expected = list(Loader(select(EventStore.open(sample_store)), AUGMENTED, **arguments))
    with EventStore.open(f"{web_server.url}/events.zarr", cache=cache) as store:
        loader = Loader(select(store), AUGMENTED, **arguments)
        assert same(list(loader), expected)
        web_server.take_bytes()
        loader.set_epoch(0)
        assert same(list(loader), expected)
        assert (web_server.take_bytes() == 0) == cached


class Together(LocalFiles):
    """The files of a folder as if they were remote, whose reads of events wait for each other."""

    remote = True
    barrier: threading.Barrier | None = None

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        if self.barrier is not None and any("events/t/c" in key for key, _, _ in ranges):
            self.barrier.wait(timeout=30)
        return super().read_ranges(ranges)


def test_a_remote_store_is_asked_for_several_blocks_at_a_time(
    sample_store: Path, select: Callable[[EventStore], Selection]
) -> None:
    files = Together(sample_store)
    loader = Loader(select(EventStore(files)), AUGMENTED, block_size=2)  # six blocks
    files.barrier = threading.Barrier(6)
    (batch,) = loader
    assert len(batch.ids) == 12


def test_a_connection_that_breaks_changes_nothing(
    web_server: Any, sample_store: Path, select: Callable[[EventStore], Selection]
) -> None:
    pytest.importorskip("aiohttp")
    expected = list(Loader(select(EventStore.open(sample_store)), AUGMENTED, batch_size=3))
    with EventStore.open(f"{web_server.url}/events.zarr", cache=None) as store:
        loader = Loader(select(store), AUGMENTED, batch_size=3)
        web_server.break_next(40, 300)
        assert same(list(loader), expected)
        assert web_server.n_broken == 2


def test_a_store_on_s3_serves_the_same(
    object_store: Any, sample_store: Path, select: Callable[[EventStore], Selection]
) -> None:
    url = object_store.put(sample_store, "events.zarr")
    arguments: dict[str, Any] = {"batch_size": 3, "block_size": 2, "prefetch": 3}
    expected = list(Loader(select(EventStore.open(sample_store)), AUGMENTED, **arguments))
    with EventStore.open(url, storage_options=object_store.options, cache=None) as store:
        assert same(list(Loader(select(store), AUGMENTED, **arguments)), expected)


def test_sparse_epochs_are_dense_epochs(selection: Selection) -> None:
    dense = list(Loader(selection, AUGMENTED, batch_size=7))
    sparse = list(Loader(selection, AUGMENTED, batch_size=7, dtype="sparse"))
    assert all(batch.sparse is not None for batch in sparse)
    assert same(sparse, dense)
