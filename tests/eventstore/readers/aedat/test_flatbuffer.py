"""The walk through FlatBuffers: it finds what another encoder wrote and never leaves the buffer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers.aedat.flatbuffer import (
    Fields,
    find_root,
    find_tables,
    find_vector,
    read_fields,
)

FIELDS: Fields = {
    "t": (0, np.dtype("<i8")),
    "kind": (2, np.dtype("<i1")),
    "level": (5, np.dtype("<f4")),
}
ROWS: list[dict[int, Any]] = [
    {0: ("q", -5), 2: ("b", -1), 5: ("f", 0.25)},
    {},
    {5: ("f", -1.5), 0: ("q", 1 << 60)},
]


@pytest.fixture(scope="module")
def data(flat: Callable[..., bytes]) -> np.ndarray:
    return np.frombuffer(flat("ROWS", {0: ROWS, 3: b"abc", 4: b""}), np.uint8)


def test_fields_of_tables_are_columns_and_absent_ones_are_zero(data: np.ndarray) -> None:
    tables = find_tables(data, find_root(data), 0)
    assert tables is not None
    columns = read_fields(data, tables, FIELDS)
    assert columns is not None
    assert columns["t"].tolist() == [-5, 0, 1 << 60]
    assert columns["kind"].tolist() == [-1, 0, 0]
    assert columns["level"].tolist() == [0.25, 0.0, -1.5]


def test_vectors_are_found_with_their_length(data: np.ndarray) -> None:
    start, count = find_vector(data, find_root(data), 3, 1)
    assert bytes(data[start : start + count]) == b"abc"
    assert find_vector(data, find_root(data), 4, 1)[1] == 0
    assert find_vector(data, find_root(data), 1, 1) == (0, 0)  # left out
    assert find_vector(data, find_root(data), 99, 1) == (0, 0)  # later than the writer's version
    assert find_vector(data, find_root(data), 3, 4) == (
        -1,
        0,
    )  # three items of four bytes do not fit


@pytest.mark.parametrize("size", range(12))
def test_nothing_is_found_in_a_few_bytes(size: int) -> None:
    data = np.full(size, 255, np.uint8)
    assert find_root(data) == -1
    assert find_tables(data, find_root(data), 0) is None


@given(bits=st.data())
def test_no_offset_leads_out_of_the_buffer(data: np.ndarray, bits: st.DataObject) -> None:
    size = bits.draw(st.integers(0, len(data)))
    mutated = data[:size].copy()
    for _ in range(bits.draw(st.integers(0, 3)) if size else 0):
        mutated[bits.draw(st.integers(0, size - 1))] = bits.draw(st.integers(0, 255))
    root = find_root(mutated)
    assert root < size
    start, count = find_vector(mutated, root, 3, 1)
    assert start == -1 or start + count <= size
    tables = find_tables(mutated, root, 0)
    if tables is not None:
        columns = read_fields(mutated, tables, FIELDS)
        assert columns is None or {len(column) for column in columns.values()} == {len(tables)}
