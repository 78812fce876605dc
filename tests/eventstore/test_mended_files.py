"""Damaged shards are shown with a sound index, other files as they are."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import IntegrityError, MissingContent
from eventstore.files import LocalFiles
from eventstore.mended_files import KEPT_SHARDS, MendedFiles
from eventstore.shards import ShardIndex
from eventstore.store import EventStore


@pytest.fixture
def path(sample_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_store, tmp_path / "events.zarr"))


def mended(path: Path, **patches: bytes) -> MendedFiles:
    with EventStore.open(path) as store:
        return MendedFiles(LocalFiles(path), store.head, patches)


def test_sound_files_are_shown_as_they_are(path: Path) -> None:
    files = mended(path)
    for file in path.rglob("*"):
        if file.is_file():
            assert files.read(file.relative_to(path).as_posix()) == file.read_bytes()
    assert files.where("events/x/c/0") == str(path / "events/x/c/0")
    assert files.has("zarr.json")
    assert not files.has("nothing")


def test_patches_are_shown_instead(path: Path) -> None:
    files = mended(path, **{"recordings/id/c/0": b"patched", "new": b"one"})
    assert bytes(files.read_range("recordings/id/c/0", 0, 5)) == b"patch"
    assert files.size("new") == 3
    assert files.has("new")


def test_a_shard_without_its_index_gets_a_new_one(path: Path) -> None:
    shard = path / "events" / "x" / "c" / "1"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-30])
    assert mended(path).read("events/x/c/1") == whole
    store = EventStore.open(mended(path))
    assert store.n_events == EventStore.open(path).n_events
    shard.write_bytes(whole[: len(whole) // 2])
    index = ShardIndex.parse(mended(path).map("events/x/c/1"), 4)
    assert 0 < index.n_chunks < 4
    with pytest.raises(IntegrityError, match="no such chunk"):
        EventStore.open(mended(path)).column("x").chunk(7)


def test_a_missing_shard_is_missing_still(path: Path) -> None:
    (path / "events" / "x" / "c" / "1").unlink()
    with pytest.raises(MissingContent, match="events/x/c/1"):
        mended(path).map("events/x/c/1")


def test_few_mended_shards_are_kept(path: Path) -> None:
    files = mended(path)
    n_shards = len(list((path / "events" / "x" / "c").iterdir()))
    for column in "txyp":
        for number in range(n_shards):
            files.map(f"events/{column}/c/{number}")
    assert len(files._mended) <= KEPT_SHARDS < 4 * n_shards
    files.close()
    assert not files._mended


def test_what_is_mended_reads_as_before(path: Path) -> None:
    before = EventStore.open(path).read_rows(0, 200)
    for shard in (path / "events").glob("*/c/*"):
        shard.write_bytes(shard.read_bytes()[:-1])
    with EventStore.open(mended(path)) as store:
        after = store.read_rows(0, 200)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
