"""Checksums against what a publisher states."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.public.entry import PublicFile
from catalog.public.sums import (
    Facts,
    Sums,
    checked_facts,
    differences,
)
from eventstore.errors import IntegrityError


@given(st.lists(st.binary(max_size=50)))
def test_sums_do_not_depend_on_the_pieces(pieces: list[bytes]) -> None:
    sums, whole = Sums(), b"".join(pieces)
    for piece in pieces:
        sums.update(piece)
    md5, sha256 = hashlib.md5(whole).hexdigest(), hashlib.sha256(whole).hexdigest()
    assert sums.facts() == Facts(len(whole), md5, sha256)


def test_only_what_is_stated_counts() -> None:
    found = Facts(3, "a" * 32, "b" * 64)
    assert differences(PublicFile(name="a", urls=()), found) == ""
    stated = PublicFile(name="a", urls=(), size=3, md5="a" * 32, sha256="c" * 64)
    assert differences(stated, found) == f"sha256: expected {'c' * 64}, found {'b' * 64}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    return path


def test_a_stamp_saves_reading_until_the_file_changes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = PublicFile(name="a.bin", urls=(), md5=hashlib.md5(b"abc").hexdigest())
    first = checked_facts(stated, file, stamps=True)
    with monkeypatch.context() as patch:
        patch.setattr("catalog.public.sums.sums_of", _must_not_read)
        assert checked_facts(stated, file, stamps=True) == first
        with pytest.raises(AssertionError):
            checked_facts(stated, file, stamps=False)
    file.write_bytes(b"xyz")
    os.utime(file, ns=(1, 1))
    with pytest.raises(IntegrityError, match=r"is not the a\.bin that its publisher states"):
        checked_facts(stated, file, stamps=True)


def _must_not_read(_: Path) -> Sums:
    raise AssertionError


def test_a_stamp_does_not_outweigh_what_is_stated_now(file: Path) -> None:
    checked_facts(PublicFile(name="a.bin", urls=()), file, stamps=True)
    with pytest.raises(IntegrityError):
        checked_facts(PublicFile(name="a.bin", urls=(), md5="0" * 32), file, stamps=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"inode": 1}'])
def test_a_damaged_stamp_is_no_stamp(file: Path, text: str) -> None:
    (file.parent / ".a.bin.checked").write_text(text)
    assert checked_facts(PublicFile(name="a.bin", urls=()), file, stamps=True).size == 3


def test_no_stamp_is_left_where_the_folder_is_not_ours(file: Path) -> None:
    checked_facts(PublicFile(name="a.bin", urls=()), file, stamps=False)
    assert [p.name for p in file.parent.iterdir()] == ["a.bin"]
