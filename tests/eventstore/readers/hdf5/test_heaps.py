"""Heaps give the objects they hold, and nothing for objects they do not."""

from collections.abc import Callable

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.hdf5.file import Group
from eventstore.readers.hdf5.heaps import (
    find_object,
    open_heap,
    read_global,
    read_local_heap,
    read_sequence,
)
from eventstore.readers.hdf5.messages import LINK_INFO
from eventstore.readers.protocol import ByteSource


def space(data: bytes) -> Space:
    return Space(ByteSource("some.h5", memoryview(data)))


def u8(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "little") for number in numbers)


def collection(*objects: tuple[int, bytes]) -> bytes:
    body = b"".join(
        index.to_bytes(2, "little") + bytes(6) + u8(len(data)) + data + bytes(-len(data) % 8)
        for index, data in objects
    )
    return b"GCOL\x01\0\0\0" + u8(16 + len(body) + 16) + body + bytes(16)


def test_a_local_heap_is_the_data_it_points_to() -> None:
    heap = b"HEAP\0\0\0\0" + u8(8, 0, 32) + b"time\0x\0\0"
    assert read_local_heap(space(heap), 0).text() == "time"
    with pytest.raises(FormatError, match="ends before this"):
        read_local_heap(space(heap[:-1]), 0)


def test_objects_of_a_global_heap_are_found_by_index() -> None:
    heap = collection((3, b"three"), (1, b""), (700, b"seven hundred"))
    assert bytes(read_sequence(space(heap), 5, 0, 3)) == b"three"
    assert read_global(space(heap), 0, 700).left == 13
    assert bytes(read_sequence(space(heap), 0, 1 << 60, 9)) == b""
    for index in (0, 2):
        with pytest.raises(FormatError, match="a sequence is missing"):
            read_global(space(heap), 0, index)


def test_a_global_heap_never_goes_on_for_ever() -> None:
    # Sizes that lead back, past the end, or nowhere: libhdf5 2.0 stays in such a heap.
    for size in (-16, -1, 1 << 62, 0):
        raw = bytearray(collection((3, b"three")))
        raw[24:32] = (size % (1 << 64)).to_bytes(8, "little")
        assert find_object(np.frombuffer(raw, np.uint8), 4) == (-1, 0)


def many_links(file: h5py.File) -> None:
    for i in range(300):
        file.create_group(f"a group with a name that takes room {i}")


def test_a_fractal_heap_of_many_blocks_is_walked(opened: Callable[..., Group]) -> None:
    root = opened(many_links, libver="v108")
    assert len(root.links) == 300
    info = next(m.body() for m in root.messages if m.kind == LINK_INFO)
    info.skip(2)
    heap = open_heap(root.space, info.location())
    assert heap.rows > 0, "the heap is one block, and this test tests nothing"
    with pytest.raises(FormatError, match="in no row of its heap"):
        heap.find(_identity((1 << (8 * heap.offset_bytes)) - 1, heap.offset_bytes))


def _identity(offset: int, offset_bytes: int) -> Cursor:
    data = bytes([0]) + offset.to_bytes(offset_bytes, "little") + bytes([1] * 8)
    return space(data).at(0)


def test_ids_of_other_kinds(opened: Callable[..., Group]) -> None:
    root = opened(many_links, libver="v108")
    info = next(m.body() for m in root.messages if m.kind == LINK_INFO)
    info.skip(2)
    heap = open_heap(root.space, info.location())
    assert bytes(heap.find(space(b"\x22abc").at(0)).take(3)) == b"abc"
    with pytest.raises(FormatError, match="a huge object"):
        heap.find(space(b"\x10abc").at(0))
    with pytest.raises(FormatError, match="is not where it should be"):
        open_heap(root.space, 0)
