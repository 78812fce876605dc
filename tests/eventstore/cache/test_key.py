"""A key changes with all that its content depends on, and with nothing else."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from eventstore.cache import key as module
from eventstore.cache.key import CacheKey
from eventstore.rewrite import rewrite_store
from eventstore.schema import Layout
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import tiny_selection
from eventstore.transforms import (
    Denoise,
    DropEvents,
    FramesByBins,
    FramesByTime,
    Pipeline,
    Shift,
    TimeSurface,
)

PIPELINE = Pipeline(Denoise(filter_time_us=500), FramesByBins(n_bins=5))

N = 20


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    return tiny_selection(tmp_path / "events.zarr", n_recordings=N)


def digest(
    selection: Selection, pipeline: Pipeline = PIPELINE, *, n: int = N, block_size: int = 8
) -> str:
    return CacheKey.of(selection, pipeline, np.arange(n), block_size=block_size).digest


def labelled(selection: Selection, **fields: object) -> Selection:
    mine = {name: getattr(selection, name) for name in selection.__dataclass_fields__}
    return Selection(**{**mine, **fields})


def test_changes_with_what_matters(selection: Selection, tmp_path: Path) -> None:
    other_store = tiny_selection(tmp_path / "other.zarr", n_recordings=N, seed=1)
    stop = selection.t_stop.copy()
    stop[3] -= 1
    digests = [
        digest(selection),
        digest(other_store),
        digest(labelled(selection, t_stop=stop)),
        digest(selection.take(range(N)[::-1])),
        digest(selection, n=N - 1),
        digest(selection, block_size=7),
        digest(selection, Pipeline(*PIPELINE.stages[:1])),
        digest(selection, Pipeline(*PIPELINE.stages[1:])),
        digest(selection, Pipeline(Denoise(filter_time_us=501), FramesByBins(n_bins=5))),
        digest(selection, Pipeline(Denoise(filter_time_us=500), FramesByBins(n_bins=6))),
    ]
    assert len(set(digests)) == len(digests)


def test_changes_with_the_code_and_the_format(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = {digest(selection)}
    with monkeypatch.context() as patch:
        patch.setattr(module, "CACHE_FORMAT", 2)
        digests.add(digest(selection))
    with monkeypatch.context() as patch:
        patch.setattr(Denoise, "apply", lambda self, batch, sensor, seeds: batch)
        digests.add(digest(selection))
    assert len(digests) == 3
    assert digest(selection) in digests


def test_stays_with_what_does_not_matter(selection: Selection, tmp_path: Path) -> None:
    before = digest(selection)
    assert digest(labelled(selection, label=selection.label[::-1], reference="a@1")) == before
    rewrite_store(
        tmp_path / "events.zarr",
        layout=Layout(chunk_events=64, shard_events=128, table_rows=3),
        tier="fast",
    )
    again = labelled(selection, store=EventStore.open(tmp_path / "events.zarr"))
    assert digest(again) == before


def test_what_follows_a_random_stage_does_not_matter(selection: Selection) -> None:
    first = Denoise(filter_time_us=500)
    one = Pipeline(first, Shift(max_pixels=1), FramesByBins(n_bins=5))
    two = Pipeline(first, DropEvents(fraction=0.5), FramesByTime(window_us=900))
    assert digest(selection, one) == digest(selection, two) == digest(selection, Pipeline(first))


def test_says_what_is_kept(selection: Selection) -> None:
    kinds = {
        "counts": PIPELINE,
        "real": Pipeline(TimeSurface(window_us=1_000, tau_us=500)),
        "events": Pipeline(Shift(max_pixels=1), FramesByBins(n_bins=5)),
    }
    keys = {
        name: CacheKey.of(selection, pipeline, np.arange(N), block_size=8)
        for name, pipeline in kinds.items()
    }
    assert all(key.kind == name for name, key in keys.items())
    assert keys["counts"].describe("nmnist@1.0.0") == (
        "frames of nmnist@1.0.0: 20 samples, 8 a block, 8×6 pixels; "
        "Denoise(filter_time_us=500) → FramesByBins(n_bins=5)"
    )
    assert "nothing done to them yet" in keys["events"].describe()
    assert keys["counts"].n_blocks == 3


def test_goes_through_json(selection: Selection) -> None:
    key = CacheKey.of(selection, PIPELINE, np.arange(N), block_size=8)
    again = CacheKey.from_dict(json.loads(json.dumps(key.to_dict())))
    assert again == key
    assert again.digest == key.digest
    assert asdict(again) == key.to_dict()
