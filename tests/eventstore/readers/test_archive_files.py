"""Every file of archives in archives, read where it lies."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from eventstore.errors import FormatError, NotFound
from eventstore.readers.archive_files import list_files


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_of_archives_within_are_read_in_place(tmp_path: Path, method: int) -> None:
    users = {"u1.zip": zipped({"u1/a.dat": b"AA"}), "u2.tar": tarred({"u2/b.dat": b"BB"})}
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({**users, "note.txt": b"n", "__MACOSX/._x": b""}, method))
    found = dict(list_files(path))
    assert list(found) == ["note.txt", "u1.zip/u1/a.dat", "u2.tar/u2/b.dat"]
    assert {k: bytes(item.open().data) for k, item in found.items()} == {
        "note.txt": b"n",
        "u1.zip/u1/a.dat": b"AA",
        "u2.tar/u2/b.dat": b"BB",
    }
    assert found["u1.zip/u1/a.dat"].source == "all.zip:u1.zip:u1/a.dat"
    assert found["u1.zip/u1/a.dat"].open().name == f"{path}:u1.zip:u1/a.dat"


def test_archives_in_a_folder_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.zip").write_bytes(
        zipped({"0.bin": b"x", "deep.zip": zipped({"1": b"y"})})
    )
    places = [place for place, _ in list_files(tmp_path)]
    assert places == ["in/a.zip/0.bin", "in/a.zip/deep.zip/1"]


def test_a_file_by_itself_is_listed_as_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"1")
    assert [place for place, _ in list_files(tmp_path / "a.bin")] == ["a.bin"]
    with pytest.raises(NotFound):
        list_files(tmp_path / "b.bin")


def test_unsafe_members_of_an_archive_within_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({"u1.zip": zipped({"../out": b"x"})}))
    with pytest.raises(FormatError, match=r"u1\.zip:\.\./out.*leaves the archive") as caught:
        list_files(path)
    assert "publisher" in caught.value.hint


def test_a_compressed_tar_within_says_to_unpack(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({"u.tar.gz": tarred({"a": b"x"}, "w:gz")}))
    with pytest.raises(FormatError, match=r"u\.tar\.gz.*compressed tar") as caught:
        list_files(path)
    assert "unpack the outer archive" in caught.value.hint


def test_archives_nest_only_so_deep(tmp_path: Path) -> None:
    data = zipped({"0.bin": b"x"})
    for _ in range(4):
        data = zipped({"n.zip": data})
    (tmp_path / "n.zip").write_bytes(data)
    ((place, _),) = list_files(tmp_path / "n.zip")
    assert place == "n.zip/n.zip/n.zip"
