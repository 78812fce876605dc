"""Walk through FlatBuffers with every offset checked: nothing is read outside the buffer.

A size-prefixed buffer, little-endian (https://flatbuffers.dev/internals)::

    u32 size of what follows | u32 offset of the root table | 4 letters that name its type | …

    table    i32 way back to its vtable | fields
    vtable   u16 own bytes | u16 the table's bytes | u16 offset of each field in the table, 0 absent
    vector   u32 count | items
    offset   u32, counted from where it stands

Positions are counted in the buffer with its prefix; -1 stands for whatever lies outside it, and 0
for a field that a table leaves out.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from eventstore.jit import kernel

PREFIX_BYTES = 4

Fields: TypeAlias = Mapping[str, tuple[int, np.dtype]]
"""Scalar fields of a table: name → slot and little-endian dtype."""

NAME_AT = 8
"""Where the four letters stand that name the type of the root table."""


@kernel
def read_unsigned(data: np.ndarray, at: int, size: int) -> int:
    """Return the number in the ``size`` bytes (below 8) at ``at``, -1 outside the buffer."""
    if at < 0 or at + size > len(data):
        return -1
    value = 0
    for i in range(size):
        value |= int(data[at + i]) << (8 * i)
    return value


@kernel
def follow(data: np.ndarray, at: int) -> int:
    """Return where the offset that stands at ``at`` leads to."""
    way = read_unsigned(data, at, 4)
    return at + way if 0 < way < len(data) - at else -1


@kernel
def find_field(data: np.ndarray, table: int, slot: int) -> int:
    """Return where a field of a table stands, 0 where the table leaves it out."""
    back = read_unsigned(data, table, 4)
    if back < 0:
        return -1
    vtable = table - (back if back < 1 << 31 else back - (1 << 32))
    size = read_unsigned(data, vtable, 2)
    if size < 4 or vtable + size > len(data):
        return -1
    if 6 + 2 * slot > size:
        return 0
    offset = read_unsigned(data, vtable + 4 + 2 * slot, 2)
    if offset <= 0:
        return offset
    return table + offset if table + offset < len(data) else -1


@kernel
def find_vector(data: np.ndarray, table: int, slot: int, item_bytes: int) -> tuple[int, int]:
    """Return where the items of a vector begin and how many there are, ``(-1, 0)`` if outside."""
    field = find_field(data, table, slot)
    if field <= 0:
        return field, 0
    at = follow(data, field)
    count = read_unsigned(data, at, 4)
    if count < 0 or count * item_bytes > len(data) - at - 4:
        return -1, 0
    return at + 4, count


@kernel
def follow_all(data: np.ndarray, start: int, positions: np.ndarray) -> None:
    """Fill ``positions`` with where the offsets of a vector, from ``start`` on, lead to."""
    for i in range(len(positions)):
        positions[i] = follow(data, start + 4 * i)


@kernel
def gather_field(
    data: np.ndarray, tables: np.ndarray, slot: int, size: int, bits: np.ndarray
) -> bool:
    """Read one field of 1 to 8 bytes of many tables; say whether all lie in the buffer."""
    for i in range(len(tables)):
        at = find_field(data, tables[i], slot)
        if at < 0 or at + size > len(data):
            return False
        value = np.uint64(0)
        for b in range(size if at > 0 else 0):
            value |= np.uint64(data[at + b]) << np.uint64(8 * b)
        bits[i] = value
    return True


def find_root(data: UInt8[np.ndarray, " bytes"]) -> int:
    """Return the position of the root table of a size-prefixed buffer.

    Examples:
        >>> find_root(np.zeros(8, np.uint8))
        -1
    """
    return follow(data, PREFIX_BYTES)


def find_tables(
    data: UInt8[np.ndarray, " bytes"], table: int, slot: int
) -> Int64[np.ndarray, " tables"] | None:
    """Return the positions of the tables in a vector; None where the vector lies outside."""
    start, count = find_vector(data, table, slot, 4)
    if start < 0:
        return None
    positions = np.empty(count, np.int64)
    follow_all(data, start, positions)
    return positions


def read_fields(
    data: UInt8[np.ndarray, " bytes"],
    tables: Int64[np.ndarray, " tables"],
    fields: Fields,
) -> dict[str, Shaped[np.ndarray, " tables"]] | None:
    """Return scalar fields of tables as columns; None where any lies outside the buffer.

    Args:
        data: the buffer.
        tables: positions of tables of one type.
        fields: those to read; what a table leaves out is 0.
    """
    columns = {}
    for name, (slot, dtype) in fields.items():
        bits = np.empty(len(tables), np.uint64)
        if not gather_field(data, tables, slot, dtype.itemsize, bits):
            return None
        columns[name] = bits.astype(f"<u{dtype.itemsize}").view(dtype)
    return columns
