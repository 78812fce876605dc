"""Byte sources and recordings: mapped files, and paths that are no files."""

import hashlib
import os
from pathlib import Path

import pytest

from eventstore.errors import InvalidInput, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import ByteSource, Recording, check_present


def test_a_file_is_mapped_with_its_name_suffix_and_sum(tmp_path: Path) -> None:
    path = tmp_path / "Some.BIN"
    path.write_bytes(b"12345")
    source = ByteSource.map_file(path)
    assert bytes(source.data) == b"12345"
    assert (source.name, source.suffix) == (str(path), ".bin")
    assert source.sha256() == hashlib.sha256(b"12345").digest()


def test_an_empty_file_has_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()
    assert len(ByteSource.map_file(tmp_path / "empty.bin").data) == 0


def test_a_member_of_an_archive_has_its_own_suffix() -> None:
    assert ByteSource("a.zip:Train/3/1.txt", memoryview(b"")).suffix == ".txt"


def test_paths_without_content_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file") as absent:
        check_present(tmp_path / "nowhere.bin")
    assert absent.value.hint
    with pytest.raises(InvalidInput, match="is a folder"):
        check_present(tmp_path)
    (tmp_path / "annexed.bin").symlink_to("../.git/annex/objects/xx")
    with pytest.raises(MissingContent, match=r"git -C .* annex get annexed\.bin"):
        check_present(tmp_path / "annexed.bin")


def test_a_recording_loads_what_is_left_of_its_packets() -> None:
    packets = [Events.of(t=[t], x=[0], y=[0]) for t in (1, 2, 3)]
    recording = Recording(
        source="a.bin", sensor=Sensor(1, 1), reader="atis", zero_based=True, packets=iter(packets)
    )
    assert next(recording.packets).t.tolist() == [1]
    assert recording.load().t.tolist() == [2, 3]
    assert len(recording.load()) == 0


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "live.bin")
    with pytest.raises(InvalidInput, match="not a file of bytes"):
        ByteSource.map_file(tmp_path / "live.bin")
