"""Chunks of every index, in order of their places; damaged indexes are refused."""

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.chunks import CHUNK_LIMIT
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]
VALUES = np.arange(23 * 7, dtype="<i4").reshape(23, 7)


@pytest.mark.parametrize("libver", ["earliest", "v108", "v110", "latest"])
@pytest.mark.parametrize(
    "options",
    [
        {"chunks": (23, 7)},
        {"chunks": (23, 7), "compression": "gzip"},
        {"chunks": (5, 3)},
        {"chunks": (5, 3), "maxshape": (40, 9)},
        {"chunks": (5, 3), "maxshape": (None, 7), "compression": "gzip"},
        {"chunks": (5, 3), "maxshape": (None, None)},
        {"chunks": (5, 3), "maxshape": (None, None), "compression": "gzip"},
        {"chunks": (1, 1), "maxshape": (None, None)},
    ],
    ids=str,
)
def test_every_index_gives_the_numbers(opened: Opened, options: Any, libver: str) -> None:
    root = opened(lambda file: file.create_dataset("a", data=VALUES, **options), libver=libver)
    dataset = root.need("a")
    assert dataset.chunks is not None
    assert dataset.chunks.numbers.tolist() == list(range(len(dataset.chunks.numbers)))
    assert np.array_equal(dataset[:], VALUES)
    assert np.array_equal(dataset[4:11], VALUES[4:11])


def test_chunks_that_were_allocated_at_once_lie_end_to_end(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((4,))
        creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple((10,))
        h5py.h5d.create(file.id, b"a", h5py.h5t.STD_I16LE, space, creation)
        file["a"][:] = np.arange(10)

    dataset = opened(fill, libver="latest").need("a")
    assert dataset.chunks is not None
    assert np.diff(dataset.chunks.addresses).tolist() == [8, 8]
    assert dataset[:].tolist() == list(range(10))


def test_chunks_outside_of_a_shrunken_dataset_are_left_out(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=np.arange(20), chunks=(3,), maxshape=(None,))
        file["a"].resize((7,))

    for libver in ("earliest", "v110"):
        assert opened(fill, libver=libver).need("a")[:].tolist() == list(range(7))


def test_a_dataset_that_was_not_filled_ends_at_the_first_gap(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        sparse = file.create_dataset("a", (100,), "i4", chunks=(10,), maxshape=(None,))
        sparse[:25] = 1
        sparse[50:60] = 2
        file.create_dataset("none", (100,), "i4", chunks=(10,))

    for libver in ("earliest", "v110"):
        root = opened(fill, libver=libver)
        assert root.need("a").whole_rows()[0] == 30
        assert root.need("none").whole_rows()[0] == 0


def tree_of(saved: Callable[..., bytes]) -> tuple[bytearray, int]:
    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=np.arange(6), chunks=(2,), maxshape=(None,))

    data = bytearray(saved(fill, libver="earliest"))
    at = next(i for i in range(len(data)) if data[i : i + 5] == b"TREE\x01")
    return data, at


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (4, 0, "a damaged tree of chunks"),
        (5, 60, "a damaged tree of chunks"),
        (5, 1, "is not where it should be|a damaged tree|grows into itself"),
        (7, 255, "too early"),
        (24 + 24 + 8 + 8, 0, "two chunks in one place"),
    ],
)
def test_a_damaged_tree_is_refused(
    saved: Callable[..., bytes], at: int, value: int, said: str
) -> None:
    data, tree = tree_of(saved)
    data[tree + at] = value
    if value == 0 and at > 24:
        first = 24 + 8
        data[tree + at : tree + at + 8] = data[tree + first : tree + first + 8]
    with pytest.raises(FormatError, match=said):
        open_hdf5(ByteSource("some.h5", memoryview(bytes(data)))).need("a")


def test_absurd_chunks_are_refused_before_memory_is_taken(saved: Callable[..., bytes]) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("a", (1 << 20,), "u1", chunks=(0x01234567,), maxshape=(None,))

    data = saved(fill, libver="earliest")
    size = (0x01234567).to_bytes(4, "little")
    assert data.count(size) == 1
    bad = data.replace(size, (CHUNK_LIMIT + 1).to_bytes(4, "little"))
    with pytest.raises(FormatError, match="a damaged chunk"):
        open_hdf5(ByteSource("some.h5", memoryview(bad))).need("a")
