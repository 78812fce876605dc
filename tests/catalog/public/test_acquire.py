"""Which files are wanted, where they are, and getting them."""

import hashlib
import shutil
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from catalog.public.acquire import (
    UNPACKED,
    acquire,
    choose_files,
    clear_downloads,
    find_files,
    opened_sources,
    refuse_by_hand,
)
from catalog.public.entry import PublicDataset, PublicFile
from catalog.public.fetch import Fetched, Manner
from catalog.public.sums import Facts
from eventstore.errors import FormatError, InvalidInput, NotFound

BODY = b"abc"
MD5 = hashlib.md5(BODY).hexdigest()
FILES = tuple(
    PublicFile(name=name, urls=(f"https://example.org/{name}",), size=3, md5=MD5)
    for name in ("train.bin", "test/a.bin", "test/b.bin")
)
ENTRY = PublicDataset(name="x", title="X", layout="class-folders", files=FILES)


class Server(Protocol):
    def serve(self, path: str, data: bytes, **how: Any) -> str: ...


def test_patterns_choose_files() -> None:
    assert choose_files(ENTRY, []) == list(FILES)
    assert choose_files(ENTRY, ["test/*"]) == list(FILES[1:])
    assert choose_files(ENTRY, ["test/a*", "tr*"]) == [FILES[0], FILES[1]]
    with pytest.raises(InvalidInput, match=r"fits 'TRAIN\*' \(there are: train.bin, test/a.bin"):
        choose_files(ENTRY, ["test/*", "TRAIN*"])


def test_where_files_are(tmp_path: Path, downloads: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "TRAIN.BIN").write_bytes(BODY)
    (downloads / "test").mkdir(parents=True)
    (downloads / "test" / "a.bin").write_bytes(BODY)
    (downloads / "test" / ".b.bin.12345678.partial").write_bytes(b"a")
    found = find_files(FILES, mine, downloads)
    assert [w.status for w in found] == ["here", "here", "begun"]
    assert [w.n_bytes_left for w in found] == [0, 0, 2]
    assert found[0].path == mine / "TRAIN.BIN"


def test_the_right_one_of_several_is_taken_by_its_folder(tmp_path: Path, downloads: Path) -> None:
    for folder in ("test", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.bin").write_bytes(BODY)
    (found,) = find_files(FILES[1:2], tmp_path, downloads)
    assert found.path == tmp_path / "test" / "a.bin"
    (tmp_path / "test" / "a.bin").rename(tmp_path / "a.bin")
    with pytest.raises(InvalidInput, match=r"2 files could be test/a\.bin"):
        find_files(FILES[1:2], tmp_path, downloads)


def test_what_has_no_mirror_is_by_hand(downloads: Path) -> None:
    files = [replace(file, urls=()) for file in FILES]
    entry = replace(ENTRY, files=tuple(files), access="manual", instructions="Write to them.")
    found = find_files(files, None, downloads)
    with pytest.raises(NotFound, match=r"not here: train\.bin, test/a\.bin, test/b\.bin") as caught:
        refuse_by_hand(entry, found)
    assert caught.value.hint.startswith("Write to them.\nthen: spikelake public add x --from")
    refuse_by_hand(ENTRY, find_files(FILES, None, downloads))


def test_room_for_all_is_looked_for_before_the_first(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(downloads.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=8))
    with pytest.raises(InvalidInput, match="9 bytes are still to come"):
        acquire(find_files(FILES, None, downloads), downloads, Manner(), lambda _: None)


def test_each_file_is_told_as_soon_as_it_is_here(
    mirrors: Server, tmp_path: Path, downloads: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.bin").write_bytes(BODY)
    files = [replace(f, urls=(mirrors.serve(f.name, BODY),)) for f in FILES]
    told: list[Fetched] = []
    where = find_files(files, tmp_path / "mine", downloads)
    got = acquire(where, downloads, Manner(), told.append)
    assert told == got
    assert [f.url for f in got] == [files[0].urls[0], "", files[2].urls[0]]
    assert (downloads / "test" / "b.bin").read_bytes() == BODY


def fetched(path: Path) -> Fetched:
    file = PublicFile(name=path.name, urls=())
    return Fetched(file=file, path=path, facts=Facts(0, "", "f" * 64))


def test_only_what_has_to_be_is_unpacked(
    tmp_path: Path, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "small.zip", tmp_path / "large.zip"]
    for path, size in zip(paths, (10, 2000), strict=True):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("a.h5", bytes(size))
    plain = tmp_path / "b.h5"
    plain.write_bytes(b"x")
    monkeypatch.setattr("catalog.public.unpack.IN_MEMORY_BYTES", 1000)
    opened = opened_sources([fetched(path) for path in (*paths, plain)], downloads)
    assert opened == [paths[0], downloads / UNPACKED / ("f" * 16) / "large.zip", plain]
    assert (opened[1] / "a.h5").stat().st_size == 2000
    assert clear_downloads(downloads, keep=True) == 2000
    assert (downloads.exists(), opened[1].exists()) == (True, False)
    assert clear_downloads(downloads, keep=False) == 0
    assert not downloads.exists()


def test_every_archive_is_checked(tmp_path: Path, downloads: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        packed.writestr("/etc/passwd", "x")
    with pytest.raises(FormatError, match="/etc/passwd: refused"):
        opened_sources([fetched(tmp_path / "evil.zip")], downloads)


def test_a_plain_tar_of_a_large_one_is_checked_too(
    tmp_path: Path, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("good"))
    monkeypatch.setattr("catalog.public.unpack.IN_PLACE_BYTES", 1)
    assert opened_sources([fetched(path)], downloads) == [
        downloads / UNPACKED / ("f" * 16) / "a.tar"
    ]
    evil = tmp_path / "b.tar.gz"
    with tarfile.open(evil, "w:gz") as packed:
        packed.addfile(tarfile.TarInfo("../evil"))
    with pytest.raises(FormatError, match=r"\.\./evil: refused"):
        opened_sources([fetched(evil)], downloads)
