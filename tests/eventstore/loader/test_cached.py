"""A loader with a cache: the same batches, to the bit, from blocks that are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch.utils.data import DataLoader

from eventstore import (
    AddNoise,
    Balanced,
    Bucket,
    Denoise,
    FrameCache,
    FramesByBins,
    FramesByCount,
    Loader,
    Pipeline,
    Shift,
    VoxelGrid,
    Weighted,
)
from eventstore.cache.entry import CacheEntry
from eventstore.loader import Batch
from eventstore.loader.cached import CachedSource
from eventstore.selection import Selection
from eventstore.testing import tiny_selection

KEPT_FRAMES = Pipeline(Denoise(filter_time_us=800), FramesByBins(n_bins=5))
KEPT_EVENTS = Pipeline(
    Denoise(filter_time_us=800), Shift(max_pixels=2), AddNoise(n_events=7), FramesByBins(n_bins=5)
)
OF_ANY_LENGTH = Pipeline(FramesByCount(events_per_frame=9))
REAL = Pipeline(Denoise(filter_time_us=800), VoxelGrid(n_bins=4))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


@pytest.fixture(autouse=True)
def _pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cache be used whatever this machine measures."""
    real = CacheEntry.trial

    class Used:
        use = True

    def trial(self: CacheEntry, *args: Any) -> Any:
        real(self, *args)
        return Used()

    monkeypatch.setattr(CacheEntry, "trial", trial)


def assert_same(ours: list[Batch], theirs: list[Batch]) -> None:
    assert [batch.ids for batch in ours] == [batch.ids for batch in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.x.dtype == other.x.dtype
        assert mine.x.shape == other.x.shape
        assert bool((mine.x == other.x).all())
        assert mine.length.tolist() == other.length.tolist()
        assert mine.label.tolist() == other.label.tolist()


def copies(loader: Loader) -> list[Batch]:
    return [batch._replace(x=batch.x.clone()) for batch in loader]


@pytest.mark.parametrize("pipeline", [KEPT_FRAMES, KEPT_EVENTS, OF_ANY_LENGTH, REAL])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"shuffle": False},
        {"threads": 3, "block_size": 3},
        {"sampling": Balanced(n=33)},
        {"sampling": Weighted(weights=tuple(np.arange(20.0)), n=41), "block_size": 4},
        {"bucket": Bucket(n=12), "block_size": 2},
        {"rank": 1, "world_size": 3, "drop_last": True, "prefetch": 0},
    ],
)
def test_batches_are_those_without_a_cache(
    selection: Selection, tmp_path: Path, pipeline: Pipeline, arguments: dict[str, Any]
) -> None:
    cache = FrameCache(tmp_path / "frames")
    options = {"batch_size": 6, "seed": 4, **arguments}
    plain = Loader(selection, pipeline, **options)
    cached = Loader(selection, pipeline, cache=cache, **options)
    for _ in range(3):  # made, then taken from the cache
        assert_same(copies(cached), copies(plain))
    assert isinstance(cached._source, CachedSource)
    assert cached._entry is not None
    assert cached._entry.n_found > 0
    assert cache.findings == []
    assert "blocks are in" in cached.explain_cache()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bfloat16"])
def test_one_cache_serves_all_types(selection: Selection, tmp_path: Path, dtype: Any) -> None:
    cache = FrameCache(tmp_path / "frames")
    list(Loader(selection, KEPT_FRAMES, cache=cache))
    loader = Loader(selection, KEPT_FRAMES, cache=cache, dtype=dtype)
    assert_same(copies(loader), copies(Loader(selection, KEPT_FRAMES, dtype=dtype)))
    assert loader._entry is not None
    assert loader._entry.n_made == 0


def test_an_epoch_goes_on_where_it_stood(selection: Selection, tmp_path: Path) -> None:
    def make() -> Loader:
        cache = FrameCache(tmp_path / "frames")
        return Loader(selection, KEPT_EVENTS, batch_size=3, seed=1, cache=cache)

    first = make()
    batches = iter(first)
    next(batches)
    next(batches)
    state = first.state_dict()
    rest = [batch._replace(x=batch.x.clone()) for batch in batches]
    again = make()
    again.load_state_dict(state)
    assert_same(copies(again), rest)
    without = Loader(selection, KEPT_EVENTS, batch_size=3, seed=1)
    without.load_state_dict(state)
    assert_same(copies(without), rest)


def test_workers_of_torch_share_the_cache(selection: Selection, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "frames")
    loader = Loader(selection, KEPT_FRAMES, batch_size=3, cache=cache)
    served = list(DataLoader(loader.as_dataset(), batch_size=None, num_workers=2))
    assert_same(served, copies(Loader(selection, KEPT_FRAMES, batch_size=3)))


def test_a_cache_that_does_not_pay_is_left_alone(
    selection: Selection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Not:
        use = False

    answer: Callable[[CacheEntry], Any] = lambda _: Not()  # noqa: E731
    monkeypatch.setattr(CacheEntry, "trial", answer)
    loader = Loader(selection, KEPT_FRAMES, cache=FrameCache(tmp_path / "frames"))
    assert loader.explain_cache() == "not asked for yet"
    assert_same(copies(loader), copies(Loader(selection, KEPT_FRAMES)))
    assert not isinstance(loader._source, CachedSource)
    assert "frames of" in loader.explain_cache()
    assert Loader(selection, KEPT_FRAMES).explain_cache() == "no cache was given"
