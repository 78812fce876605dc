"""The types of HDF5 that recordings use, as numpy dtypes.

    class 4 bits, version 4 bits | class bits 3 bytes | size 4 | properties

Whole numbers, IEEE floats of 2, 4 and 8 bytes, texts of one length, records, enumerations (as their
numbers), arrays, and sequences of any length (`Sequences`); no other type is read.
"""

from dataclasses import dataclass

import numpy as np

from eventstore.readers.hdf5.cursor import Cursor

_INTEGER, _FLOAT, _TEXT, _BITS, _RECORD, _ENUM, _SEQUENCE, _ARRAY = 0, 1, 3, 4, 6, 8, 9, 10
_DEPTH = 8
_ELEMENT_LIMIT = 1 << 20
_IEEE = {
    2: (0, 16, 10, 5, 0, 10, 15),
    4: (0, 32, 23, 8, 0, 23, 127),
    8: (0, 64, 52, 11, 0, 52, 1023),
}
"""Offset and precision, place and size of exponent and mantissa, bias of the exponent."""


@dataclass(frozen=True, slots=True)
class Sequences:
    """The type of a dataset whose every element is a sequence of its own length.

    Args:
        base: type of what is in the sequences.
        is_text: each is a text.
    """

    base: np.dtype
    is_text: bool


def read_datatype(cursor: Cursor) -> np.dtype | Sequences:
    """Return the type that is described next.

    Raises:
        FormatError: it is damaged, or none that is read.

    Examples:
        >>> from eventstore.readers.hdf5.cursor import Space
        >>> from eventstore.readers.protocol import ByteSource
        >>> u2 = bytes([0x10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 16, 0])
        >>> read_datatype(Space(ByteSource("a.h5", memoryview(u2))).at(0))
        dtype('uint16')
    """
    return _read(cursor, 0)


def plain_datatype(cursor: Cursor) -> np.dtype:
    """Return the type that is described next, where sequences of any length cannot be.

    Raises:
        FormatError: it is damaged, or none that is read.
    """
    return _plain(cursor, 0)


def _plain(cursor: Cursor, depth: int) -> np.dtype:
    found = _read(cursor, depth)
    if isinstance(found, Sequences):
        cursor.fail("sequences inside of other types are not read")
    return found


def _read(cursor: Cursor, depth: int) -> np.dtype | Sequences:
    first, bits, size = cursor.uint(1), cursor.uint(3), cursor.uint(4)
    kind, version = first & 15, first >> 4
    if depth > _DEPTH or not 1 <= version <= 5 or not 0 < size <= _ELEMENT_LIMIT:
        expected = f"version 1 … 5, of 1 … {_ELEMENT_LIMIT} bytes"
        cursor.fail("a damaged type", expected, f"{version}, {size} bytes")
    order = ">" if bits & 1 else "<"
    if kind in {_INTEGER, _BITS}:
        return _integer(cursor, size, order, signed=kind == _INTEGER and bool(bits & 8))
    if kind == _FLOAT:
        return _float(cursor, size, order)
    if kind == _TEXT:
        return np.dtype(f"S{size}")
    if kind == _RECORD:
        return _record(cursor, size, bits & 0xFFFF, version=version, depth=depth)
    if kind == _ENUM:
        return _enum(cursor, size, bits & 0xFFFF, version=version, depth=depth)
    if kind == _SEQUENCE:
        is_text = bits & 15 == 1
        return Sequences(_plain(cursor, depth + 1), is_text)
    if kind != _ARRAY:
        cursor.fail(f"a type of class {kind} is not read", "numbers, texts, records, sequences")
    return _array(cursor, size, version=version, depth=depth)


def _integer(cursor: Cursor, size: int, order: str, *, signed: bool) -> np.dtype:
    shift, precision = cursor.uint(2), cursor.uint(2)
    if size not in {1, 2, 4, 8} or (shift, precision) != (0, 8 * size):
        found = f"{precision} bits at {shift} of {size} bytes"
        cursor.fail("whole numbers of such a size are not read", "1, 2, 4 or 8 bytes", found)
    return np.dtype(f"{order}{'i' if signed else 'u'}{size}")


def _float(cursor: Cursor, size: int, order: str) -> np.dtype:
    parts = tuple(cursor.uint(n) for n in (2, 2, 1, 1, 1, 1, 4))
    if size not in _IEEE or parts != _IEEE[size]:
        found = f"{size} bytes {parts}"
        cursor.fail("such floats are not read", "IEEE of 2, 4 or 8 bytes", found)
    return np.dtype(f"{order}f{size}")


def _record(cursor: Cursor, size: int, count: int, *, version: int, depth: int) -> np.dtype:
    start = cursor.address
    names, offsets, formats = [], [], []
    for _ in range(count):
        names.append(cursor.text(padded_to=1 if version >= 3 else 8))
        offsets.append(cursor.uint((size.bit_length() + 7) // 8 if version >= 3 else 4))
        shape: tuple[int, ...] = ()
        if version == 1:
            rank = cursor.uint(1)
            cursor.skip(11)
            sizes = [cursor.uint(4) for _ in range(4)]
            shape = tuple(sizes[: min(rank, 4)])
        formats.append(_shaped(cursor, _plain(cursor, depth + 1), shape))
    ends = [offset + kind.itemsize for offset, kind in zip(offsets, formats, strict=True)]
    if not names or len(set(names)) < count or "" in names or max(ends) > size:
        cursor.space.fail(start, "a damaged record", f"fields within {size} bytes")
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def _enum(cursor: Cursor, size: int, count: int, *, version: int, depth: int) -> np.dtype:
    base = _plain(cursor, depth + 1)
    if base.kind not in "iu" or base.itemsize != size:
        cursor.fail("a damaged enumeration", "numbers", str(base))
    for _ in range(count):
        cursor.text(padded_to=1 if version >= 3 else 8)
    cursor.skip(count * size)
    return base


def _array(cursor: Cursor, size: int, *, version: int, depth: int) -> np.dtype:
    rank = cursor.uint(1)
    cursor.skip(3 if version < 3 else 0)
    shape = tuple(cursor.uint(4) for _ in range(rank))
    cursor.skip(4 * rank if version < 3 else 0)
    kind = _shaped(cursor, _plain(cursor, depth + 1), shape)
    if kind.itemsize != size:
        cursor.fail("a damaged array type", f"{size} bytes", f"{kind.itemsize}")
    return kind


def _shaped(cursor: Cursor, base: np.dtype, shape: tuple[int, ...]) -> np.dtype:
    total = base.itemsize
    for length in shape:
        total *= length
    if max(total, *shape, 0) > _ELEMENT_LIMIT or len(shape) > 32:
        cursor.fail("an absurd element", f"at most {_ELEMENT_LIMIT} bytes", f"{total} bytes")
    return np.dtype((base, shape)) if shape else base
