"""Partial files: what a later run may go on with."""

from pathlib import Path

import pytest

from catalog.public.entry import PublicFile
from catalog.public.partial import Partial, bytes_begun, leftovers

URL = "https://example.org/a.bin"
STATED = PublicFile(name="a.bin", urls=(URL,), md5="0" * 32)
UNSTATED = PublicFile(name="a.bin", urls=(URL,))


def begun(final: Path, file: PublicFile = STATED, *, validator: str = '"v"') -> Partial:
    partial = Partial(final, file, URL)
    partial.begin(validator=validator, total=10)
    partial.write(b"12345")
    partial.close()
    return partial


@pytest.mark.parametrize(
    ("file", "validator", "size"),
    [(STATED, '"v"', 5), (STATED, "", 5), (UNSTATED, '"v"', 5), (UNSTATED, "", 0)],
)
def test_what_is_taken_up(tmp_path: Path, file: PublicFile, validator: str, size: int) -> None:
    begun(tmp_path / "a.bin", file, validator=validator)
    again = Partial(tmp_path / "a.bin", file, URL)
    assert again.size == size
    assert Partial(tmp_path / "a.bin", file, "https://example.com/a.bin").size == 0


def test_going_on_gives_the_whole(tmp_path: Path) -> None:
    final = tmp_path / "a.bin"
    begun(final)
    again = Partial(final, STATED, URL)
    wholeness = [again.is_whole]
    again.write(b"67890")
    wholeness.append(again.is_whole)
    assert wholeness == [False, True]
    facts = again.settle()
    assert (final.read_bytes(), facts.size) == (b"1234567890", 10)
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_longer_file_than_noted_is_cut(tmp_path: Path) -> None:
    final = tmp_path / "a.bin"
    begun(final, UNSTATED)
    (part,) = [p for p in leftovers(final) if p.suffix == ".partial"]
    part.write_bytes(b"12345garbage")
    again = Partial(final, UNSTATED, URL)
    again.write(b"67890")
    again.settle()
    assert final.read_bytes() == b"1234567890"


@pytest.mark.parametrize("note", ["", "{", '{"wrong": 1}', "[]"])
def test_a_damaged_note_means_to_begin(tmp_path: Path, note: str) -> None:
    begun(tmp_path / "a.bin")
    (noted,) = [p for p in leftovers(tmp_path / "a.bin") if p.suffix == ".note"]
    noted.write_text(note)
    assert Partial(tmp_path / "a.bin", STATED, URL).size == 0


def test_settling_removes_what_other_mirrors_began(tmp_path: Path) -> None:
    final = tmp_path / "a.bin"
    other = Partial(final, STATED, "https://example.com/a.bin")
    other.begin(validator="", total=None)
    other.write(b"x")
    other.close()
    (tmp_path / ".a.bin.config").write_text("not ours")
    assert bytes_begun(final) == 1
    partial = begun(final)
    assert bytes_begun(final) == 5
    partial.settle()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".a.bin.config", "a.bin"]


def test_wrong_bytes_leave_nothing(tmp_path: Path) -> None:
    begun(tmp_path / "a.bin").discard()
    assert list(tmp_path.iterdir()) == []
