"""Unpacking: whole and checked, or nothing."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.public.archive_check import Member, check_archive
from catalog.public.unpack import (
    IN_MEMORY_BYTES,
    expand_tar,
    needs_expanding,
    needs_unpacking,
    unpack,
)
from eventstore.errors import FormatError, InvalidInput

FILES = {"Train/0/a.bin": b"abc", "Train/1/b.bin": b"", "größe": b"\x00" * 5000}


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("empty/", "")
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def make_tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        folder = tarfile.TarInfo("empty")
        folder.type = tarfile.DIRTYPE
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "größe"
        for info in (tarfile.TarInfo("./"), folder, link):
            info.type = tarfile.DIRTYPE if info.name == "./" else info.type
            packed.addfile(info)
        for name, data in files.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(("make", "name"), [(make_zip, "a.zip"), (make_tar, "a.tar.gz")])
def test_all_files_come_out(tmp_path: Path, make: object, name: str) -> None:
    archive = (make_zip if make is make_zip else make_tar)(tmp_path / name, FILES)
    folder = unpack(archive, tmp_path / "out" / name)
    assert content(folder) == FILES
    assert (folder / "empty").is_dir()
    assert not (folder / "link").exists()
    assert [p.name for p in folder.parent.iterdir()] == [name]


def test_what_was_unpacked_stays(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    folder = unpack(archive, tmp_path / "out")
    archive.unlink()
    assert unpack(archive, folder) == folder


def test_a_killed_run_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _killed)
        with pytest.raises(KeyboardInterrupt):
            unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert content(unpack(archive, tmp_path / "out")) == FILES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "out"]


def _killed(_: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_named(tmp_path: Path, method: int) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", method) as packed:
        packed.writestr("good", b"x" * 100)
        packed.writestr("bad", bytes(range(256)) * 10)
    raw = bytearray(archive.read_bytes())
    at = raw.index(b"bad") + 3
    raw[at + 20 : at + 30] = b"damagedxyz"
    archive.write_bytes(raw)
    with pytest.raises(FormatError, match="bad: its bytes do not unpack"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"evil": b"x" * 70_000})
    raw = archive.read_bytes().replace((70_000).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    archive.write_bytes(raw)
    with pytest.raises(FormatError, match="evil"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unsafe_archive_leaves_nothing(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"good": b"x", "../evil": b"x"})
    with pytest.raises(FormatError, match=r"\.\./evil"):
        unpack(archive, tmp_path / "sub" / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_room_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InvalidInput, match="room for 100"):
        unpack(archive, tmp_path / "out")


def test_large_members_of_zips_and_tars_within_need_it(tmp_path: Path) -> None:
    large = [Member(name="a.h5", size=IN_MEMORY_BYTES + 1, kind="file")]
    small = check_archive(make_zip(tmp_path / "a.zip", FILES))
    assert needs_unpacking(Path("a.zip"), large)
    assert not needs_unpacking(Path("a.zip"), small)
    assert not needs_unpacking(Path("a.tar.gz"), large)
    within = [Member(name="part/b.TAR.gz", size=1, kind="file")]
    assert needs_unpacking(Path("a.zip"), within)
    assert needs_unpacking(Path("a.tar"), within)


@given(st.dictionaries(st.from_regex(r"[a-m]{1,8}", fullmatch=True), st.binary(max_size=300)))
def test_whatever_was_packed_comes_out(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("packed")
    archive = make_zip(folder / "a.zip", files)
    assert content(unpack(archive, folder / "out")) == files


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
def test_a_large_compressed_tar_becomes_a_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    archive = tmp_path / f"Train.tar.{mode[2:]}"
    with tarfile.open(archive, mode) as packed:  # type: ignore[call-overload]
        info = tarfile.TarInfo("a.bin")
        info.size = 3
        packed.addfile(info, io.BytesIO(b"abc"))
    assert not needs_expanding(archive)
    monkeypatch.setattr("catalog.public.unpack.IN_PLACE_BYTES", 1)
    assert needs_expanding(archive)
    assert not needs_expanding(tmp_path / "a.tar")
    plain = expand_tar(archive, tmp_path / "out")
    assert check_archive(plain) == [Member(name="a.bin", size=3, kind="file")]
    archive.unlink()
    assert expand_tar(archive, tmp_path / "out") == plain
    assert [p.name for p in plain.parent.iterdir()] == ["Train.tar"]


def test_a_cut_compressed_tar_leaves_no_plain_one(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar.gz", FILES)
    archive.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(FormatError, match=r"a\.tar\.gz: not a readable tar"):
        expand_tar(archive, tmp_path / "out")
    assert not (tmp_path / "out" / "a.tar").exists()
