"""LZF unpacks what h5py packs, and nothing past either end."""

from collections.abc import Callable

import h5py
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers.hdf5.file import Group
from eventstore.readers.hdf5.lzf import unpack_lzf


def unpacked(packed: list[int], size: int) -> bytes | None:
    out = np.full(size, 99, np.uint8)
    n = unpack_lzf(np.array(packed, np.uint8), out)
    return out[:n].tobytes() if n >= 0 else None


def test_the_three_forms() -> None:
    assert unpacked([2, 7, 8, 9], 3) == bytes([7, 8, 9])
    assert unpacked([0, 7, 32, 0], 4) == bytes([7] * 4)
    assert unpacked([0, 7, 0xE0, 3, 0], 13) == bytes([7] * 13)
    assert unpacked([], 0) == b""


def test_damage_is_seen() -> None:
    assert unpacked([2, 7, 8], 3) is None
    assert unpacked([2, 7, 8, 9], 2) is None
    assert unpacked([32, 0], 9) is None
    assert unpacked([0, 7, 32], 9) is None
    assert unpacked([0, 7, 0xE0], 9) is None
    assert unpacked([0, 7, 0xE0, 3], 19) is None
    assert unpacked([0, 7, 0xE0, 3, 0], 12) is None


@given(st.lists(st.integers(0, 255), max_size=60), st.integers(0, 300))
def test_no_bytes_crash_it(packed: list[int], size: int) -> None:
    found = unpacked(packed, size)
    assert found is None or len(found) <= size


@given(st.binary(min_size=1, max_size=400), st.integers(1, 40))
def test_what_h5py_packs_comes_back(opened: Callable[..., Group], data: bytes, n: int) -> None:
    values = np.frombuffer(data * n, np.uint8)

    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=values, chunks=(len(values),), compression="lzf")

    assert np.array_equal(opened(fill).need("a")[:], values)
