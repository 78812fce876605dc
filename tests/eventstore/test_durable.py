"""Files appear whole or not at all."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore.durable import DurableFolder


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_nothing_shows_before_settle(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    folder = DurableFolder(tmp_path)
    folder.stage("a", [b"n", b"ew"])
    folder.stage("b/c", [b"2"])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / "b" / "c").exists()
    folder.settle()
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names(tmp_path) == ["a", "b/c"]


def test_a_full_disk_leaves_no_partial_files(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"first half"
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = DurableFolder(tmp_path)
    folder.stage("a", [b"fits"])
    with pytest.raises(OSError, match="No space left"):
        folder.stage("b", parts())
    folder.settle()
    assert names(tmp_path) == []


def test_a_failing_rename_drops_the_rest(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    folder.stage("a", [b"1"])
    (tmp_path / "b" / "in the way").mkdir(parents=True)
    folder.stage("b", [b"2"])
    folder.stage("c", [b"3"])
    with pytest.raises(OSError, match="b"):
        folder.settle()
    assert names(tmp_path) == ["a"]


def test_a_link_is_replaced_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "annexed").write_bytes(b"sealed")
    (tmp_path / "a").symlink_to("annexed")
    folder = DurableFolder(tmp_path)
    folder.stage("a", [b"new"])
    folder.settle()
    assert (tmp_path / "annexed").read_bytes() == b"sealed"
    assert not (tmp_path / "a").is_symlink()


def test_sweep_removes_what_a_kill_left(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    folder.stage("x/a", [b"1"])
    DurableFolder(tmp_path).sweep()
    assert names(tmp_path) == []
