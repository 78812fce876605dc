"""Kernels between dense frames and sparse ones, against loops in plain Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import bitpack
from eventstore.cache.sparse import (
    DAMAGED,
    DONE,
    N_COLUMNS,
    OVERFLOW,
    TOO_LONG,
    gather_nonzero,
    scatter_counts,
    scatter_real,
    take_table,
)

BITS = st.lists(st.one_of(st.just(0), st.integers(0, 2**32 - 1)), max_size=200)


def nonzero(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    places, values = np.empty(len(bits) + 1, np.int64), np.empty(len(bits) + 1, np.uint32)
    n = gather_nonzero(bits, places, values)
    return places[:n], values[:n]


class Kept:
    """A table of one sample, its places addresses."""

    def __init__(self, row: list[int], data: bytes) -> None:
        self.data = np.frombuffer(data, np.uint8)
        self.table = np.array([row], np.int64)
        self.table[:, 2::2] += self.data.ctypes.data

    @property
    def where(self) -> np.ndarray:
        return np.array([[self.table.ctypes.data, 0]], np.int64)


def packed(places: list[int], counts: list[int], frames: int) -> Kept:
    one = bitpack.encode(np.array(places, np.int64))
    two = bitpack.encode(np.array(counts, np.uint16))
    row = [frames, len(places), 0, len(one), len(one), len(two), 0, 0]
    return Kept(row, one + two)


@given(BITS)
def test_gathers_what_has_a_bit_set(values: list[int]) -> None:
    bits = np.array(values, np.uint32)
    places, found = nonzero(bits)
    assert places.tolist() == [i for i, value in enumerate(values) if value]
    assert found.tolist() == [value for value in values if value]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_scatters_counts_and_zeros(dtype: type) -> None:
    kept = packed([0, 5, 11], [1, 200, 3], frames=2)
    out: np.ndarray = np.full((1, 18), 77, dtype)
    assert scatter_counts(kept.where, 6, out, 255) == (DONE, 0, 0)
    assert out[0].tolist() == [1, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0]


def test_says_which_count_does_not_fit() -> None:
    kept = packed([2, 7], [255, 256], frames=2)
    assert scatter_counts(kept.where, 6, np.empty((1, 12), np.uint8), 255) == (OVERFLOW, 0, 7)


def test_writes_nothing_outside_a_sample() -> None:
    kept = packed([2, 12], [1, 1], frames=2)
    out = np.full((2, 12), 77, np.float32)
    assert scatter_counts(kept.where, 6, out, 255)[0] == DAMAGED
    assert (out[1] == 77).all()
    assert scatter_counts(kept.where, 6, np.empty((1, 11), np.float32), 255)[0] == TOO_LONG
    places = bitpack.encode(np.array([-1], np.int64))
    values = np.ones(1, np.float32).tobytes()
    row = [2, 1, 0, len(places), len(places), len(values), 0, 0]
    assert scatter_real(Kept(row, places + values).where, 6, out)[0] == DAMAGED
    row[1] = 2
    assert scatter_real(Kept(row, places + values).where, 6, out)[0] == DAMAGED
    assert scatter_real(Kept(row, places + values).where, 7, out)[0] == TOO_LONG


def test_no_samples() -> None:
    nothing = np.empty((0, 2), np.int64)
    assert scatter_counts(nothing, 6, np.empty((0, 6), np.uint8), 255)[0] == DONE
    assert scatter_real(nothing, 6, np.empty((0, 6), np.float32))[0] == DONE


def test_a_table_is_taken_with_addresses_if_it_points_inside() -> None:
    for row, sound in (([1, 64, 64, 8, 72, 8, 80, 0], True), ([1, 64, 64, 9, 73, 9, 80, 0], False)):
        data = np.frombuffer(b"12345678" + np.array(row, "<i8").tobytes() + bytes(16), np.uint8)
        table = np.empty((1, N_COLUMNS), np.int64)
        assert take_table(data, 8, len(data), table) == sound
        if sound:
            assert (table[0, 2::2] - data.ctypes.data - 8).tolist() == row[2::2]
        assert not take_table(data, 8, 71, table)
