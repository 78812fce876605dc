"""Few files are mapped at a time, and bytes outlive their map."""

import os
from pathlib import Path

import pytest

from eventstore import files_mapped
from eventstore.files_mapped import Maps


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(5):
        (tmp_path / str(i)).write_bytes(bytes([i]) * i)
    return tmp_path


def add(maps: Maps, path: Path) -> memoryview:
    return maps.add(path.name, os.open(path, os.O_RDONLY))


def test_a_file_is_mapped_once(folder: Path) -> None:
    maps = Maps()
    assert maps.get("3") is None
    found = add(maps, folder / "3")
    assert bytes(found) == b"\3\3\3"
    assert maps.get("3") is found
    assert add(maps, folder / "3") is found  # another thread was first
    assert bytes(add(maps, folder / "0")) == b""
    assert len(maps) == 2


def test_few_files_are_mapped_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_mapped, "MAPPED", 2)
    maps = Maps()
    views = [add(maps, folder / str(i)) for i in range(5)]
    assert len(maps) == 2
    assert maps.get("0") is None
    maps.clear()
    assert len(maps) == 0
    assert [bytes(view) for view in views] == [bytes([i]) * i for i in range(5)]
