"""Records of a B-tree of version 2 come in the tree's order, however many levels it has."""

from collections.abc import Callable

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.btree2 import iter_records
from eventstore.readers.hdf5.checksum import lookup3
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.hdf5.file import Group
from eventstore.readers.protocol import ByteSource


def summed(data: bytes) -> bytes:
    return data + int(lookup3(np.frombuffer(data, np.uint8))).to_bytes(4, "little")


def header(*, root: int, count: int, depth: int, node: int = 64, record: int = 4) -> bytes:
    fields = ((node, 4), (record, 2), (depth, 2), (100, 1), (40, 1), (root, 8), (count, 2))
    numbers = b"".join(value.to_bytes(size, "little") for value, size in fields)
    return summed(b"BTHD\0\x05" + numbers + count.to_bytes(8, "little"))


def leaf(*records: int) -> bytes:
    return summed(b"BTLF\0\x05" + b"".join(r.to_bytes(4, "little") for r in records))


def numbers(data: bytes) -> list[int]:
    space = Space(ByteSource("some.h5", memoryview(data)))
    return [record.uint(4) for record in iter_records(space, 0)]


HEADER_BYTES = len(header(root=0, count=0, depth=0))


def test_a_leaf_and_no_tree() -> None:
    data = header(root=HEADER_BYTES, count=3, depth=0) + leaf(7, 8, 9)
    assert numbers(data) == [7, 8, 9]
    assert numbers(header(root=1 << 63, count=0, depth=0)) == []


def test_two_levels() -> None:
    first, second = leaf(1, 2), leaf(4)
    at = HEADER_BYTES
    pointers = (at, 2), (at + len(first), 1)
    children = b"".join(a.to_bytes(8, "little") + bytes([n]) for a, n in pointers)
    top = summed(b"BTIN\0\x05" + (3).to_bytes(4, "little") + children)
    root = at + len(first) + len(second)
    assert numbers(header(root=root, count=1, depth=1) + first + second + top) == [1, 2, 3, 4]


@pytest.mark.parametrize("n", [10, 3000])
def test_names_of_a_large_group(opened: Callable[..., Group], n: int) -> None:
    def fill(file: h5py.File) -> None:
        for i in range(n):
            file[f"{i:05}"] = h5py.SoftLink("/") if i % 2 else np.int8(i % 100)

    assert set(opened(fill, libver="v108")) == {f"{i:05}" for i in range(0, n, 2)}


def test_trees_that_grow_into_themselves_or_are_damaged_are_refused() -> None:
    top = (
        b"BTIN\0\x05" + (3).to_bytes(4, "little") + (HEADER_BYTES.to_bytes(8, "little") + b"\1") * 2
    )
    loop = header(root=HEADER_BYTES, count=1, depth=3) + summed(top) + bytes(64)
    with pytest.raises(FormatError, match=r"grows into itself|too early|checksum"):
        numbers(loop)
    with pytest.raises(FormatError, match="is not where it should be"):
        numbers(header(root=0, count=1, depth=0))
    with pytest.raises(FormatError, match="a damaged tree"):
        numbers(header(root=0, count=1, depth=17))
    with pytest.raises(FormatError, match="a damaged tree"):
        numbers(header(root=0, count=1, depth=0, record=0))
    flipped = bytearray(header(root=HEADER_BYTES, count=1, depth=0) + leaf(7))
    flipped[-6] ^= 1
    with pytest.raises(FormatError, match="checksum"):
        numbers(bytes(flipped))
