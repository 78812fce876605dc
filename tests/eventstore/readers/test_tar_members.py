"""Members of a tar: found without extracting; hostile and damaged archives are refused by name."""

import io
import tarfile
from pathlib import Path

import pytest

from eventstore.errors import FormatError
from eventstore.readers import iter_sources, list_sources, read_source
from eventstore.readers.tar_members import UNPACKERS, list_tar, map_tar, slice_member

RECORD = bytes([1, 2, 0, 0, 5])
MEMBERS = {"Train/3/00891.bin": RECORD * 2, "Train/0/00002.bin": RECORD, "README": b"words"}


def _info(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data), kind
    return info


def _tar(path: Path, members: dict[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            archive.addfile(_info(name, data), io.BytesIO(data))
        for info in extra:
            archive.addfile(info)
    return path


@pytest.mark.parametrize("suffix", [".tar", *UNPACKERS])
def test_members_are_what_was_packed(tmp_path: Path, suffix: str) -> None:
    data = map_tar(_tar(tmp_path / f"a{suffix}", MEMBERS))
    members = list_tar(data, "a")
    found = {m.name: bytes(slice_member(data, m, m.name).data) for m in members}
    assert found == MEMBERS
    assert list_tar(memoryview(bytes(data)), "a") == members


@pytest.mark.parametrize("suffix", [".tar", ".tgz"])
def test_recordings_have_the_places_of_a_zip(tmp_path: Path, suffix: str) -> None:
    path = _tar(tmp_path / f"a{suffix}", {f"./{name}": data for name, data in MEMBERS.items()})
    listing = list_sources(path)
    places = [(item.recording_id, item.label, item.fold) for item in listing.items]
    assert places == [("Train/0/00002", "0", "train"), ("Train/3/00891", "3", "train")]
    assert listing.skipped == [f"{path}:README"]
    assert [len(read_source(item.open()).load()) for item in listing.items] == [1, 2]
    assert listing.items[0].open().name == f"{path}:Train/0/00002.bin"


def test_real_speech_is_listed(shared_data: Path) -> None:
    path = shared_data / "speech/free-spoken-digits.tar.gz"
    data = map_tar(path)
    members = list_tar(data, str(path))
    assert len(members) == 3000
    assert all(bytes(slice_member(data, m, m.name).data[:4]) == b"RIFF" for m in members)


@pytest.mark.parametrize("name", ["../escape.bin", "/etc/escape.bin", "a/../../e.bin", "C:/e.bin"])
def test_a_path_that_leaves_the_archive_is_refused_by_name(tmp_path: Path, name: str) -> None:
    archive = _tar(tmp_path / "bad.tar", {"ok.bin": RECORD, name: RECORD})
    with pytest.raises(FormatError, match=r"bad\.tar:.*e\.?.*: refused: its path leaves"):
        list_sources(archive)


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    link = _info("Train/1/link.bin", kind=tarfile.SYMTYPE)
    link.linkname = "/etc/passwd"
    extra = (link, _info("Train/1/fifo.bin", kind=tarfile.FIFOTYPE), _info("d", kind=b"5"))
    archive = _tar(tmp_path / "a.tar", {"Train/1/a.bin": RECORD}, extra)
    assert [item.recording_id for item in iter_sources(archive)] == ["Train/1/a"]


def test_a_bomb_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    archive = _tar(tmp_path / "bomb.tar.xz", {"big.bin": bytes(1 << 25)})
    with pytest.raises(FormatError, match="refused: it unpacks to more than 16777216 bytes"):
        list_sources(archive)


def _names_or_error(path: Path) -> tuple[list[str], str]:
    try:
        return [member.name for member in list_tar(map_tar(path), str(path))], ""
    except FormatError as error:
        return [], f"{error.message} {error.hint}"


@pytest.mark.parametrize("suffix", [".tar", *UNPACKERS])
def test_a_tar_cut_anywhere_is_an_error_or_a_beginning(tmp_path: Path, suffix: str) -> None:
    whole = _tar(tmp_path / f"whole{suffix}", MEMBERS).read_bytes()
    cut = tmp_path / f"cut{suffix}"
    for size in range(0, len(whole), max(1, len(whole) // 40)):
        cut.write_bytes(whole[:size])
        names, failed = _names_or_error(cut)
        assert bool(failed) == ("cut." in failed)
        assert failed or suffix == ".tar"  # complete members need no end
        assert names == list(MEMBERS)[: len(names)]


@pytest.mark.parametrize("size", [b"-10000000000", b"7777777777\0", b"\xff" * 12])
def test_a_member_that_lies_about_its_size_is_caught(tmp_path: Path, size: bytes) -> None:
    path = _tar(tmp_path / "lie.tar", MEMBERS)
    data = bytearray(path.read_bytes())
    data[124 : 124 + 12] = size.ljust(12, b"\0")
    data[148:156] = b" " * 8
    data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"lie\.tar"):
        list_tar(map_tar(path), str(path))


def test_a_size_that_sends_the_reader_back_is_caught(tmp_path: Path) -> None:
    path, info = tmp_path / "back.tar", _info("a.bin", RECORD)
    info.pax_headers = {"size": "-2048"}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(RECORD))
    with pytest.raises(FormatError, match=r"back\.tar"):
        list_tar(map_tar(path), str(path))


def test_sparse_members_are_refused(tmp_path: Path) -> None:
    path, info = tmp_path / "a.tar", _info("a.bin", RECORD)
    info.pax_headers = {"GNU.sparse.map": "0,5", "GNU.sparse.size": "5"}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(RECORD))
    with pytest.raises(FormatError, match="sparse members are not read"):
        list_tar(map_tar(path), str(path))


def test_other_bytes_are_no_tar(tmp_path: Path) -> None:
    for name in ("a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
        with pytest.raises(FormatError, match=rf"{name}.*not a readable tar"):
            list_sources(tmp_path / name)
    (tmp_path / "empty.tar").touch()
    with pytest.raises(FormatError, match="empty file"):
        list_sources(tmp_path / "empty.tar")
