"""The text beside the blocks is whole or absent, and only shown."""

import json
from pathlib import Path

import numpy as np
import pytest

from eventstore.cache.claims import try_claim
from eventstore.cache.key import CacheKey
from eventstore.cache.manifest import NAME, Manifest, read_manifest
from eventstore.cache.verdict import worth_caching
from eventstore.testing import tiny_selection
from eventstore.transforms import FramesByBins, Pipeline


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    selection = tiny_selection(tmp_path / "store" / "events.zarr", n_recordings=3)
    pipeline = Pipeline(FramesByBins(n_bins=5))
    key = CacheKey.of(selection, pipeline, np.arange(3), block_size=2)
    return Manifest(key=key, reference="nmnist@1.0.0/split:official")


def test_comes_back(manifest: Manifest, tmp_path: Path) -> None:
    for one in (manifest, manifest.with_verdict(worth_caching([0.2], [0.1], [0.3]))):
        one.write(tmp_path)
        assert read_manifest(tmp_path) == one
    text = json.loads((tmp_path / NAME).read_text("utf-8"))
    assert text["of"] == manifest.describe()
    assert "nmnist@1.0.0/split:official" in text["of"]


def test_what_is_damaged_or_absent_is_none(manifest: Manifest, tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    manifest.write(tmp_path)
    whole = (tmp_path / NAME).read_text("utf-8")
    for text in ("", whole[:50], "[]", "{}", whole.replace('"block_size"', '"size"')):
        (tmp_path / NAME).write_text(text, "utf-8")
        assert read_manifest(tmp_path) is None


def test_who_writes_it_now_is_not_disturbed(manifest: Manifest, tmp_path: Path) -> None:
    other = try_claim(tmp_path / NAME)
    assert other is not None
    manifest.write(tmp_path)
    assert read_manifest(tmp_path) is None
    other.release()
    manifest.write(tmp_path)
    assert read_manifest(tmp_path) == manifest
