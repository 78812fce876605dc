"""Going through mapped bytes: every piece once, and none of them kept in memory."""

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers import ByteSource, read_file
from eventstore.readers.mapped import forget, iter_pieces

SMAPS = Path("/proc/self/smaps")
on_linux = pytest.mark.skipif(
    sys.platform != "linux" or not SMAPS.exists(), reason="needs /proc/self/smaps of Linux"
)


def resident_bytes(path: Path) -> int:
    """Return how much of a mapped file is in memory."""
    blocks = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", SMAPS.read_text(), flags=re.MULTILINE)
    found = (
        re.search(r"^Rss: +(\d+) kB", block, re.MULTILINE) for block in blocks if str(path) in block
    )
    return sum(int(match[1]) * 1024 for match in found if match)


@given(st.binary(max_size=50), st.integers(0, 60), st.integers(0, 60), st.integers(1, 20))
def test_pieces_give_every_byte_once(data: bytes, start: int, stop: int, size: int) -> None:
    stop = min(stop, len(data))
    source = ByteSource("a.bin", memoryview(data))
    pieces = list(iter_pieces(source, start, stop, size))
    assert b"".join(bytes(piece) for _, piece in pieces) == data[start:stop]
    assert [at for at, _ in pieces] == list(range(start, stop, size))


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """A file of 64 MiB, all words ADDR_Y 0 but for a time and one event at the end."""
    path = tmp_path / "long.raw"
    with path.open("wb") as file:
        file.write(b"% evt 3.0\n% geometry 8x8\n")
        for _ in range(64):
            file.write(bytes(1 << 20))
        file.write(bytes([1, 0x80, 2, 0x60, 3, 0x20]))
    return path


@on_linux
@pytest.mark.slow
def test_a_long_file_is_read_without_being_held(long_file: Path) -> None:
    recording = read_file(long_file)
    assert recording.load().t.tolist() == [4098]
    assert resident_bytes(long_file) < 10 << 20


@on_linux
def test_bytes_that_were_let_go_come_again(tmp_path: Path) -> None:
    path = tmp_path / "some.bin"
    path.write_bytes(bytes(range(256)) * 256)
    source = ByteSource.map_file(path)
    assert sum(source.data) == 255 * 128 * 256
    assert resident_bytes(path) == len(source.data)
    forget(source, 100, len(source.data) - 100)
    assert resident_bytes(path) < len(source.data)
    assert sum(source.data) == 255 * 128 * 256


def test_bytes_of_no_file_are_left_alone() -> None:
    source = ByteSource("some.bin", memoryview(bytes(100_000)))
    forget(source, 0, 100_000)
    assert not any(source.data)
