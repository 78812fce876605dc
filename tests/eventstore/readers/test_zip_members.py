"""Members of a zip: hostile and damaged archives are refused by name before unpacking."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from eventstore.errors import FormatError
from eventstore.readers import iter_sources, list_sources
from eventstore.readers.zip_members import list_members, read_member

RECORD = bytes([1, 2, 0, 0, 5])
MEMBERS = {"Train/3/00891.bin": RECORD * 2, "Train/0/00002.bin": RECORD, "README": b"words"}


def _zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_unpack_to_what_was_packed(tmp_path: Path, method: int) -> None:
    path = _zip(tmp_path / "a.zip", MEMBERS, method)
    data = memoryview(path.read_bytes())
    unpacked = {
        member.name: bytes(read_member(data, member, member.name).data)
        for member in list_members(path, "a.zip")
    }
    assert unpacked == MEMBERS


def test_members_list_from_bytes_and_folders_are_left_out(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"Train/": b"", **MEMBERS})
    members = list_members(io.BytesIO(path.read_bytes()), "some.zip")
    assert [member.name for member in members] == list(MEMBERS)


@pytest.mark.parametrize(
    "name", ["../escape.bin", "/etc/escape.bin", "a/../../escape.bin", "..\\escape.bin", "C:/e.bin"]
)
def test_a_path_that_leaves_the_archive_is_refused_by_name(tmp_path: Path, name: str) -> None:
    archive = _zip(tmp_path / "bad.zip", {"ok.bin": RECORD, name: RECORD})
    with pytest.raises(FormatError, match="its path leaves the archive") as e:
        list_sources(archive)
    assert "escape" in str(e.value) or "C:" in str(e.value)
    assert not (tmp_path.parent / "escape.bin").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("Train/1/link.bin")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(FormatError, match=r"link\.bin: refused: it is a link"):
        list_sources(tmp_path / "bad.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "bomb.zip", {"big.bin": bytes(1 << 25)})
    with pytest.raises(FormatError, match=r"big\.bin: refused: it unpacks \d+ bytes to 33554432"):
        list_sources(archive)


def _patched(archive: Path, old: bytes, new: bytes) -> Path:
    data = archive.read_bytes()
    assert old in data
    archive.write_bytes(data.replace(old, new))
    return archive


def test_a_member_that_lies_about_its_size_is_caught(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "lie.zip", {"a.bin": RECORD * 1001})
    true, told = (5005).to_bytes(4, "little"), (10).to_bytes(4, "little")
    (item,) = iter_sources(_patched(archive, true, told))
    with pytest.raises(FormatError, match=r"a\.bin at byte \d+: member does not match") as e:
        item.open()
    assert (e.value.expected[:8], e.value.found[:8]) == ("10 bytes", "11 bytes")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_flipped_byte_in_a_member_is_caught(tmp_path: Path, method: int) -> None:
    archive = _zip(tmp_path / "bad.zip", {"a.bin": RECORD * 5}, method)
    data = bytearray(archive.read_bytes())
    data[30 + len("a.bin") + 2] ^= 0xFF
    archive.write_bytes(data)
    (item,) = iter_sources(archive)
    with pytest.raises(FormatError, match=r"checksum|not deflate"):
        item.open()


def test_a_zip_cut_anywhere_is_an_error_that_names_it(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "a.zip", MEMBERS).read_bytes()
    cut = tmp_path / "cut.zip"
    for size in range(0, len(whole), 7):
        cut.write_bytes(whole[:size])
        with pytest.raises(FormatError, match=r"cut\.zip"):
            list_sources(cut)


def test_other_compressions_and_encryption_are_refused(tmp_path: Path) -> None:
    (item,) = iter_sources(_zip(tmp_path / "l.zip", {"a.bin": RECORD}, zipfile.ZIP_LZMA))
    with pytest.raises(FormatError, match="compression method 14 is not read"):
        item.open()
    archive = _zip(tmp_path / "e.zip", {"a.bin": RECORD}, zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(FormatError, match="it is encrypted"):
        list_sources(archive)
