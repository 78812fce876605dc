"""The members of a zip are read in place, from whatever packed it."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import FormatError, MissingContent
from eventstore.files import Files, LocalFiles, MappedFiles
from eventstore.files_zip import ZipFiles


def packed(
    members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.comment = comment
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=name.endswith("64")) as member:
                member.write(data)
        archive.mkdir("folder")
    return buffer.getvalue()


MEMBERS = {"zarr.json": b"{}", "a/b": b"0123456789", "empty": b"", "of64": b"zip64"}


@pytest.mark.parametrize("comment", [b"", b"a comment, for the directory to be searched"])
@pytest.mark.parametrize("folder", ["", "some/events.zarr/"])
def test_members_are_files(comment: bytes, folder: str) -> None:
    data = packed({folder + name: data for name, data in MEMBERS.items()}, comment=comment)
    files = ZipFiles(MappedFiles({"x.zip": data}, name="shop"), "x.zip")
    assert isinstance(files, Files)
    assert not files.remote
    for name, content in MEMBERS.items():
        assert files.read(name) == content
        assert files.size(name) == len(content)
        assert files.has(name)
    found = files.read_ranges([("a/b", -3, None), ("of64", 0, 3), ("a/b", 2, 99)])
    assert [bytes(part) for part in found] == [b"789", b"zip", b"23456789"]
    assert files.where("a/b") == f"shop:x.zip:{folder}a/b"
    assert not files.has("a/c")
    with pytest.raises(MissingContent, match="a/c is not there"):
        files.read("a/c")
    files.close()


def test_members_are_read_without_the_rest(
    tmp_path: Path, counted_files: Callable[..., Any]
) -> None:
    (tmp_path / "x.zip").write_bytes(packed(MEMBERS | {"large": bytes(200_000)}))
    counted = counted_files(tmp_path)
    files = ZipFiles(counted, "x.zip")
    assert files.remote
    files.read_ranges([("a/b", 0, 2), ("of64", 0, 1)])
    files.read_ranges([("a/b", 3, 4)])
    *directory, headers, first, second = counted.take_calls()
    assert len(directory) <= 4
    assert [stop - start for _, start, stop in headers] == [30, 30]
    assert [stop - start for _, start, stop in (*first, *second)] == [2, 1, 1]


def test_a_compressed_archive_is_refused() -> None:
    data = packed(MEMBERS, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(FormatError, match=r"x\.zip .*member zarr\.json is compressed") as caught:
        ZipFiles(MappedFiles({"x.zip": data}), "x.zip")
    assert "pack_store" in caught.value.hint


def test_every_cut_of_an_archive_is_refused() -> None:
    data = packed({"zarr.json": b"{}", "a": b"0123"})
    for length in range(len(data)):
        with pytest.raises(FormatError, match="not a zip that can be read"):
            ZipFiles(MappedFiles({"x.zip": data[:length]}), "x.zip")


def test_a_damaged_header_is_named() -> None:
    data = bytearray(packed(MEMBERS))
    data[data.index(b"PK\x03\x04", 4)] ^= 1
    files = ZipFiles(MappedFiles({"x.zip": bytes(data)}), "x.zip")
    with pytest.raises(FormatError, match=r"at byte \d+: no header of member a/b"):
        files.read("a/b")


def test_an_absent_archive_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingContent, match=r"x\.zip is not there"):
        ZipFiles(LocalFiles(tmp_path), "x.zip")
