"""Places of files in folders, archives, and archives in those."""

from pathlib import Path

import pytest

from catalog.layouts import placed
from catalog.layouts.placed import placed_files
from eventstore.errors import FormatError
from tests.catalog.layouts.miniatures import formats as make


def test_places_are_as_if_archives_were_unpacked_and_full_paths_name_them(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(make.zipped({"top/u1.zip": make.zipped({"a/0.bin": b"x"})}))
    (tmp_path / "one.bin").write_bytes(b"y")
    (tmp_path / "dir" / "one.bin").mkdir(parents=True)
    (tmp_path / "dir" / "one.bin" / "one.bin").write_bytes(b"z")
    sources = [tmp_path / "all.zip", tmp_path / "one.bin", tmp_path / "dir" / "one.bin"]
    found = [(file.source, file.place, file.full) for file in placed_files(sources)]
    assert found == [
        ("all.zip", "top/a/0.bin", "all.zip/top/u1.zip/a/0.bin"),
        ("one.bin", "one.bin", "one.bin"),
        ("one.bin", "one.bin", "one.bin/one.bin"),
    ]


def test_the_current_folder_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "0.bin").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    (file,) = placed_files([Path()])
    assert file.full == f"{tmp_path.name}/0.bin"


def test_text_of_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list.txt").write_bytes("\ufeffa\r\nb\n".encode())
    (file,) = placed_files([tmp_path / "list.txt"])
    assert file.text().splitlines() == ["a", "b"]
    monkeypatch.setattr(placed, "TEXT_LIMIT", 3)
    with pytest.raises(FormatError, match="too long for a list"):
        file.text()
    monkeypatch.undo()
    (tmp_path / "list.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(FormatError, match=r"list\.txt at byte 3: not UTF-8 text"):
        placed_files([tmp_path / "list.txt"])[0].text()
