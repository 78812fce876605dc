"""One writer at a time; a lock file left behind stops nobody."""

from pathlib import Path

import pytest

from eventstore.errors import Conflict
from eventstore.lock import WriterLock


def test_a_second_writer_is_refused_until_release(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "a.zarr")
    with pytest.raises(Conflict, match=r"another writer has .*a\.zarr open"):
        WriterLock(tmp_path / "a.zarr")
    lock.release()
    WriterLock(tmp_path / "a.zarr").release()
    assert list(tmp_path.iterdir()) == []


def test_releasing_twice_does_nothing(tmp_path: Path) -> None:
    first = WriterLock(tmp_path / "a.zarr")
    first.release()
    second = WriterLock(tmp_path / "a.zarr")
    first.release()
    with pytest.raises(Conflict):
        WriterLock(tmp_path / "a.zarr")
    second.release()


def test_a_file_left_by_a_killed_writer_is_harmless(tmp_path: Path) -> None:
    (tmp_path / ".a.zarr.lock").touch()
    WriterLock(tmp_path / "a.zarr").release()


def test_stores_lock_apart(tmp_path: Path) -> None:
    locks = [WriterLock(tmp_path / name) for name in ("a.zarr", "b.zarr")]
    for lock in locks:
        lock.release()
