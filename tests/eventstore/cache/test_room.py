"""What is there stays within its bound; what is in use stays."""

import os
from pathlib import Path

import pytest

from eventstore.cache.room import IN_USE, Room, touch, use

BLOCK = 8_192


def fill(root: Path, name: str, n_blocks: int, *, used: float = 0.0) -> Path:
    """Make a key's folder of so many blocks, used at that time."""
    folder = root / (name * 64)
    handle = use(folder)
    assert handle is not None
    os.close(handle)
    for block in range(n_blocks):
        (folder / f"{block:08}.frames").write_bytes(bytes(BLOCK - 100))
    if used:
        os.utime(folder / IN_USE, (used, used))
    return folder


def count(folder: Path) -> int:
    return len(list(folder.glob("*.frames")))


def total(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*.frames"))


def test_takes_until_it_is_full_of_what_is_in_use(tmp_path: Path) -> None:
    folder = fill(tmp_path, "a", 0)
    handle = use(folder)
    room = Room(tmp_path, 100 * BLOCK)
    taken = 0
    while room.take(BLOCK):
        (folder / f"{taken:08}.frames").write_bytes(bytes(BLOCK))
        taken += 1
    assert 90 <= taken <= 100
    assert total(tmp_path) <= 100 * BLOCK
    assert not room.take(BLOCK)
    assert handle is not None
    os.close(handle)


def test_what_was_not_used_for_longest_goes(tmp_path: Path) -> None:
    folders = [fill(tmp_path, name, 30, used=1 + i) for i, name in enumerate("bca")]
    room = Room(tmp_path, 100 * BLOCK)
    assert room.take(20 * BLOCK)
    assert not folders[0].exists() or count(folders[0]) < 30
    assert [count(folder) for folder in folders[1:]] == [30, 30]
    assert room.take(40 * BLOCK)
    assert not folders[0].exists()
    assert count(folders[1]) < 30
    assert count(folders[2]) == 30


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    old, new = fill(tmp_path, "a", 40, used=1), fill(tmp_path, "b", 40, used=2)
    handle = use(old)
    assert handle is not None
    os.utime(old / IN_USE, (1, 1))
    room = Room(tmp_path, 100 * BLOCK)
    assert room.take(40 * BLOCK)
    assert count(old) == 40
    assert count(new) < 10
    assert not room.take(60 * BLOCK)
    assert count(old) == 40
    os.close(handle)


def test_blocks_of_others_count(tmp_path: Path) -> None:
    room = Room(tmp_path, 100 * BLOCK)
    assert room.take(BLOCK)
    other = use(fill(tmp_path, "a", 95))
    taken = 0
    while room.take(BLOCK):
        taken += 1
    assert taken <= 100 // 64 + 1
    assert other is not None
    os.close(other)


def test_a_bound_of_nothing_takes_nothing(tmp_path: Path) -> None:
    folder = fill(tmp_path, "a", 3, used=1)
    assert not Room(tmp_path, 0).take(1)
    assert not folder.exists()
    assert not Room(tmp_path / "nowhere", 0).take(1)


def test_lists_what_is_there(tmp_path: Path) -> None:
    assert Room(tmp_path / "nowhere", 1).kept() == []
    fill(tmp_path, "a", 3, used=1)
    handle = use(fill(tmp_path, "b", 2))
    (tmp_path / "something").mkdir()
    one, two = Room(tmp_path, 1).kept()
    assert (one.folder.name[0], one.n_blocks, one.in_use) == ("b", 2, True)
    assert (two.folder.name[0], two.n_blocks, two.in_use) == ("a", 3, False)
    assert (two.n_bytes, two.last_used, two.manifest) == (3 * BLOCK, 1.0, None)
    assert handle is not None
    touch(handle)
    os.close(handle)


def test_clearing_deletes_blocks_also_in_use(tmp_path: Path) -> None:
    old, new = fill(tmp_path, "a", 3), fill(tmp_path, "b", 2)
    handle = use(new)
    room = Room(tmp_path, 1 << 30)
    assert room.clear(old) == 3 * BLOCK
    assert room.clear(new) == 2 * BLOCK
    assert [path.name for path in tmp_path.iterdir()] == [new.name]
    assert [path.name for path in new.iterdir()] == [IN_USE]
    assert handle is not None
    os.close(handle)


def test_a_folder_deleted_while_it_is_opened_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "frames"
    folder = fill(root, "a", 1)
    plain = os.open
    deleted: list[Path] = []

    def opened(path: Path, flags: int, mode: int = 0o777) -> int:
        handle = plain(path, flags, mode)
        if not deleted and Path(path).name == IN_USE:
            deleted.append(path)
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        return handle

    monkeypatch.setattr(os, "open", opened)
    handle = use(folder)
    assert deleted
    assert handle is not None
    assert Room(root, 1).kept()[0].in_use
    os.close(handle)


def test_where_nothing_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert use(tmp_path / "file" / ("a" * 64)) is None
    folder = fill(tmp_path, "a", 1)
    plain = os.open

    def read_only(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise PermissionError
        return plain(path, flags, mode)

    monkeypatch.setattr(os, "open", read_only)
    handle = use(folder)
    assert handle is not None
    os.close(handle)
