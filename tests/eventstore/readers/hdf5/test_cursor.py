"""A cursor takes what is there, in the order of the file, and nothing else."""

import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.protocol import ByteSource


def space(data: bytes, base: int = 0, **sizes: int) -> Space:
    return Space(ByteSource("some.h5", memoryview(data)), base, **sizes)


def test_numbers_are_little_endian_and_as_wide_as_the_superblock_says() -> None:
    cursor = space(bytes(range(1, 15)), address_bytes=2, length_bytes=4).at(0)
    assert (cursor.uint(3), cursor.location(), cursor.length()) == (0x030201, 0x0504, 0x09080706)
    cursor.skip(2)
    assert (cursor.address, cursor.left, bytes(cursor.sub(2).take(2))) == (11, 3, b"\x0c\x0d")
    assert space(b"", address_bytes=4).undefined == 0xFFFFFFFF


def test_addresses_count_from_the_superblock() -> None:
    there = space(b"user block" + b"events", base=10)
    assert (bytes(there.at(1).take(3)), there.end) == (b"ven", 6)
    with pytest.raises(FormatError) as e:
        there.at(2).expect(b"EVEN")
    assert (e.value.offset, e.value.found) == (12, "b'ents'")


@pytest.mark.parametrize(("address", "size"), [(-1, 1), (0, 7), (7, 0), (1 << 63, 1), (3, -4)])
def test_nothing_outside_of_the_file_is_touched(address: int, size: int) -> None:
    with pytest.raises(FormatError, match=r"some\.h5 at byte .*the file ends before this") as e:
        space(b"events").at(address, size)
    assert "h5repack" in e.value.hint


def test_a_structure_does_not_run_into_the_next() -> None:
    cursor = space(b"events").at(0, 3)
    with pytest.raises(FormatError, match="a structure ends too early; expected 4 bytes more"):
        cursor.take(4)
    with pytest.raises(FormatError, match="a structure ends too early"):
        cursor.take(-1)


def test_texts_end_with_a_zero_and_are_padded() -> None:
    cursor = space(b"time\0\0\0\0x\0" + b"y" * 500 + b"\0!").at(0)
    assert [cursor.text(padded_to=8), cursor.text(), len(cursor.text())] == ["time", "x", 500]
    with pytest.raises(FormatError, match="a text without end"):
        cursor.text()
    assert space(b"\xff\0").at(0).text() == "\N{REPLACEMENT CHARACTER}"
