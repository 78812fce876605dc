"""A damaged store opens as far as it is whole, and says what was made good."""

import shutil
from pathlib import Path

import pytest

from eventstore.errors import IntegrityError
from eventstore.files import LocalFiles
from eventstore.mended_store import mend_store
from eventstore.store import EventStore


@pytest.fixture
def path(sample_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_store, tmp_path / "events.zarr"))


def test_a_whole_store_needs_no_mending(path: Path) -> None:
    mended = mend_store(LocalFiles(path))
    assert (mended.findings, mended.unnamed) == ([], frozenset())
    assert mended.store.digest == EventStore.open(path).digest


def test_everything_at_once(path: Path) -> None:
    before = EventStore.open(path)
    expected = before.read(2)
    (path / "zarr.json").unlink()
    shutil.rmtree(path / "recordings" / "id" / "c")
    shutil.rmtree(path / "recordings" / "offsets" / "c")
    for shard in (path / "events").glob("*/c/0"):
        shard.write_bytes(shard.read_bytes()[:-9])
    mended = mend_store(LocalFiles(path))
    assert mended.store.n_recordings == before.n_recordings
    assert mended.store.read(2).equals(expected)
    assert [f.where for f in mended.findings] == [
        "zarr.json", "recordings/id", "recordings/offsets"
    ]  # fmt: skip


def test_what_is_damaged_raises_still(path: Path) -> None:
    shard = path / "events" / "x" / "c" / "0"
    data = bytearray(shard.read_bytes())
    data[3] ^= 1
    shard.write_bytes(data)
    mended = mend_store(LocalFiles(path))
    with pytest.raises(IntegrityError, match="events/x/c/0"):
        mended.store.read(0)
