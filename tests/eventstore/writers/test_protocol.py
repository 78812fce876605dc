"""Files written whole or not at all, and what every writer in the table must be."""

from pathlib import Path

import pytest

from eventstore.events import Events, Sensor
from eventstore.readers import READERS
from eventstore.side import SIDE_COLUMNS
from eventstore.writers import WRITERS, Writer
from eventstore.writers.protocol import partial_path, whole_file


def test_a_file_appears_at_the_end(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a.bin") as file:
        file.write(b"12345")
        file.seek(0)
        file.write(b"x")
        assert not (tmp_path / "a.bin").exists()
    assert (tmp_path / "a.bin").read_bytes() == b"x2345"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"before")

    def fail() -> None:
        with whole_file(tmp_path / "a.bin") as file:
            file.write(b"after")
            message = "disk full"
            raise OSError(message)

    with pytest.raises(OSError, match="full"):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"before"


def test_libraries_may_write_by_path(tmp_path: Path) -> None:
    with partial_path(tmp_path / "a.bin") as partial:
        partial.write_bytes(b"1")
        assert partial.parent == tmp_path
    assert (tmp_path / "a.bin").read_bytes() == b"1"


@pytest.mark.parametrize("name", WRITERS)
class TestEveryWriter:
    def test_it_is_what_a_writer_is(self, name: str) -> None:
        writer = WRITERS[name]
        assert isinstance(writer, Writer)
        assert writer.name == name
        assert writer.suffixes
        assert all(s.startswith(".") and s == s.lower() for s in writer.suffixes)
        assert set(writer.side_kinds) <= set(SIDE_COLUMNS)

    def test_what_it_writes_some_reader_reads(self, name: str) -> None:
        suffixes = {suffix for reader in READERS for suffix in READERS[reader].suffixes}
        assert {Path(f"a{s}").suffix for s in WRITERS[name].suffixes} & suffixes

    def test_it_leaves_nothing_of_a_file_that_fails(self, name: str, tmp_path: Path) -> None:
        def broken() -> Events:
            message = "the source ends"
            raise OSError(message)

        with pytest.raises(OSError, match="the source ends"):
            WRITERS[name].write(
                tmp_path / f"a{WRITERS[name].suffixes[0]}",
                (broken() for _ in range(1)),
                sensor=Sensor(34, 34),
            )
        assert list(tmp_path.iterdir()) == []
