from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

from eventstore.bucketing import Bucket
from eventstore.errors import Conflict
from eventstore.loader import Batch, Loader
from eventstore.sampling import Balanced
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import tiny_selection
from eventstore.transforms import DropEvents, FramesByCount, Pipeline, Shift

# From Python 3.12 on it warns of what torch's workers do by default.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

AUGMENTED = Pipeline(
    DropEvents(fraction=0.3), Shift(max_pixels=1), FramesByCount(events_per_frame=20)
)


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


def make(selection: Selection, **arguments: Any) -> Loader:
    return Loader(selection, AUGMENTED, **{"batch_size": 3, "seed": 4, **arguments})


def same(found: list[Batch], expected: list[Batch]) -> bool:
    return len(found) == len(expected) and all(
        a.ids == b.ids
        and torch.equal(a.dense().x, b.dense().x)
        and torch.equal(a.label, b.label)
        and torch.equal(a.length, b.length)
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize(
    ("workers", "context"), [(1, "fork"), (2, "fork"), (3, "fork"), (2, "spawn")]
)
@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
def test_workers_serve_the_loaders_batches_in_its_order(
    selection: Selection, workers: int, context: str
) -> None:
    loader = make(selection)
    dataset = loader.as_dataset()
    batches = DataLoader(
        dataset,
        batch_size=None,
        num_workers=workers,
        multiprocessing_context=context,
        persistent_workers=True,
    )
    assert len(batches) == len(loader) == 7
    for epoch in (0, 2, 1):
        dataset.set_epoch(epoch)
        loader.set_epoch(epoch)
        assert same(list(batches), list(loader))
    # Not told otherwise, it serves the same epoch again.
    loader.set_epoch(1)
    assert same(list(batches), list(loader))


@pytest.mark.parametrize(
    "arguments",
    [
        {"drop_last": True, "dtype": "sparse"},
        {"sampling": Balanced(n=11), "bucket": Bucket(n=9), "dtype": "bfloat16"},
        {"rank": 1, "world_size": 2, "shuffle": False, "prefetch": 0, "dtype": "uint8"},
    ],
)
def test_whatever_the_loader_serves(selection: Selection, arguments: dict[str, Any]) -> None:
    loader = make(selection, **arguments)
    batches = DataLoader(loader.as_dataset(), batch_size=None, num_workers=2)
    found = list(batches)
    assert same(found, list(loader))
    if arguments["dtype"] == "sparse":
        assert all(batch.sparse is not None for batch in found)
    else:
        assert {batch.x.dtype for batch in found} == {getattr(torch, arguments["dtype"])}


def test_without_workers_it_is_the_loader(selection: Selection) -> None:
    loader = make(selection)
    dataset = loader.as_dataset()
    found = list(DataLoader(dataset, batch_size=None))
    assert loader.epoch == 0  # left as it was
    assert same(found, list(loader))
    dataset.set_epoch(1)
    assert same(list(dataset), list(loader))


def test_it_begins_where_the_loader_stands(selection: Selection) -> None:
    loader = make(selection)
    loader.set_epoch(3)
    running = iter(loader)
    for _ in range(2):
        next(running)
    resumed = make(selection)
    resumed.load_state_dict(loader.state_dict())
    dataset = resumed.as_dataset()
    rest = list(running)
    assert same(list(DataLoader(dataset, batch_size=None, num_workers=2)), rest)
    dataset.set_epoch(4)
    assert same(list(DataLoader(dataset, batch_size=None, num_workers=2)), list(loader))


def test_workers_open_remote_stores(
    web_server: Any, sample_store: Path, select: Callable[[EventStore], Selection]
) -> None:
    pytest.importorskip("aiohttp")
    with EventStore.open(f"{web_server.url}/events.zarr", cache=None) as store:
        loader = make(select(store))
        batches = DataLoader(
            loader.as_dataset(), batch_size=None, num_workers=1, multiprocessing_context="spawn"
        )
        found = list(batches)
        assert same(found, list(loader))


def test_a_store_that_was_changed_is_refused(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=4)
    dataset = make(selection).as_dataset()
    (tmp_path / "events.zarr").rename(tmp_path / "old.zarr")
    tiny_selection(tmp_path / "events.zarr", n_recordings=5)
    batches = DataLoader(dataset, batch_size=None, num_workers=1)
    with pytest.raises(Conflict, match="was changed since"):
        list(batches)
