"""Finding the reader of a file, and saying which there are when none fits."""

import subprocess
import sys
from pathlib import Path

import pytest

import eventstore
from eventstore.errors import NotFound
from eventstore.events import Sensor
from eventstore.readers import READERS, ByteSource, read_file, read_source
from eventstore.readers.open import find_reader, installed_readers, read_events

LINE = b"5 1 3 1\n"


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.bin", bytes([1, 3, 0x80, 0, 5]), "atis"),
        ("a.txt", LINE, "text"),
        ("a.CSV", LINE, "text"),
    ],
)
def test_the_reader_is_found_by_suffix_and_bytes(
    tmp_path: Path, name: str, data: bytes, reader: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read_file(path).reader == reader
    assert read_file(path, reader=reader, sensor=Sensor(9, 9)).sensor == Sensor(9, 9)
    for events in (read_events(path), eventstore.read(str(path))):
        assert [column.tolist() for column in events] == [[5], [1], [3], [1]]


def test_a_named_reader_takes_any_suffix() -> None:
    source = ByteSource("a.events", memoryview(LINE))
    assert len(read_source(source, reader="text").load()) == 1


def test_unknown_suffixes_list_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"no reader for '\.foo'.*\.bin.*\.npz.*\.txt") as e:
        find_reader(ByteSource("a.foo", memoryview(b"Dear reader,")))
    assert ", ".join(READERS) in e.value.hint


def test_known_suffixes_with_other_content_say_so() -> None:
    with pytest.raises(NotFound, match=r"a\.txt does not look like text data") as e:
        find_reader(ByteSource("a.txt", memoryview(b"Dear reader,")))
    assert "'text'" in e.value.hint


def test_a_file_of_another_format_is_told_by_its_bytes() -> None:
    for name in ("a.raw", "a.foo"):
        with pytest.raises(NotFound) as e:
            find_reader(ByteSource(name, memoryview(b"Event Stream\x02\x00\x00")))
        assert "it looks like es data" in e.value.hint


@pytest.mark.parametrize("name", ["a.raw", "a.h5", "a.txt", "a.foo"])
def test_an_empty_file_is_called_so(name: str) -> None:
    with pytest.raises(NotFound, match=f"{name} is empty") as e:
        find_reader(ByteSource(name, memoryview(b"")))
    assert "fetch it again" in e.value.hint


def test_a_part_of_a_file_that_holds_one_recording_is_refused() -> None:
    source = ByteSource("a.txt", memoryview(LINE), part="left")
    with pytest.raises(NotFound, match=r"no recording 'left' in a\.txt: text files hold one"):
        read_source(source)


def test_all_readers_are_installed() -> None:
    readers, missing = installed_readers()
    assert ([reader.name for reader in readers], missing) == (sorted(READERS), [])


def test_finding_a_reader_imports_no_others_before_it_is_asked() -> None:
    code = "import sys, eventstore.readers.open, eventstore.info; print('numba' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
