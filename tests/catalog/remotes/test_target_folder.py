"""A folder: files are whole or absent, and copies cost no bytes."""

import os
from pathlib import Path

import pytest

from catalog.remotes.target_folder import FolderTarget


def test_copies_share_their_bytes(tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "shelf")
    target.put("objects/1", b"01")
    target.copy("objects/1", "tree/a")
    target.copy("objects/1", "tree/a")
    assert (tmp_path / "shelf/objects/1").samefile(tmp_path / "shelf/tree/a")
    assert list((tmp_path / "shelf/tree").iterdir()) == [tmp_path / "shelf/tree/a"]


def test_a_file_system_without_links_gets_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    target = FolderTarget(tmp_path)
    target.put("a", b"01")
    target.copy("a", "b/c")
    assert target.read("b/c") == b"01"
    assert not (tmp_path / "a").samefile(tmp_path / "b/c")


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = FolderTarget(tmp_path)
    target.put("a", b"old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        target.put("a", b"new")
    assert target.sizes() == {"a": 3}
    assert target.read("a") == b"old"
