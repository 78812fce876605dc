"""The numeric arrays in a MATLAB file of version 5, 6 or 7 (``.mat``), packed or not.

    text 116 | offset 8 | version 2 | IM or MI, which tells the order of bytes
    element   type u4 | size u4 | data, padded to 8; or type u2 | size u2 | data 4, at most 4 bytes
    array     type 14, in it: flags | dimensions | name | numbers, in whichever type is smallest
    struct    type 14, in it: flags | dimensions | name | size of a name | names | an array each
    packed    type 15: an element, deflated by zlib

Arrays are found by name, those in a structure as ``TD.x``; cells, objects, texts and sparse arrays
are left out. Format: MathWorks, "MAT-File Format", R2006a.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import NoReturn

import numpy as np

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource
from eventstore.readers.stream_rows import DAMAGED, ByteStream, InflateStream, StreamRows, damaged
from eventstore.readers.view_file import ViewFile

HINT = "save the arrays with save(..., '-v7') or '-v7.3', or convert them with numpy.savez"

_HEAD_BYTES = 128
_ARRAY, _PACKED = 14, 15
_TYPES = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_STRUCT, _NUMBERS = 2, range(6, 16)
_SMALL_LIMIT = 1 << 16
_RANK_LIMIT = 32
_LENGTH_LIMIT = 1 << 48
_DEPTH_LIMIT = 4
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatArray:
    """One array of a file.

    Args:
        name: of the variable, behind that of the structure it is in.
        dtype: type of the numbers as they are stored.
        shape: dimensions; the first runs fastest.
        rows: opens its numbers as rows of another shape, the last axis running fastest.
    """

    name: str
    dtype: np.dtype
    shape: tuple[int, ...]
    rows: Callable[[tuple[int, ...]], StreamRows]


def read_arrays(source: ByteSource) -> tuple[dict[str, MatArray], str]:
    """Return the arrays of a file by name, and what is wrong with what follows them, if anything.

    Raises:
        FormatError: this is no MATLAB file of such a version.

    Examples:
        >>> from io import BytesIO
        >>> from scipy.io import savemat
        >>> stream = BytesIO()
        >>> savemat(stream, {"x": np.array([3.0, 4.0])}, do_compression=True)
        >>> arrays, wrong = read_arrays(ByteSource("a.mat", memoryview(stream.getvalue())))
        >>> arrays["x"].rows((2,))[:].tolist(), wrong
        ([3.0, 4.0], '')
    """
    order = _byte_order(source)
    found: dict[str, MatArray] = {}
    at, end = _HEAD_BYTES, len(source.data)
    while at < end:
        try:
            element = _Parser(source.name, partial(ViewFile, source.data), order)
            element.skip(at)
            kind, size = element.tag()
            start = element.at
            if size > end - start:
                return found, f"an element of {size} bytes at {at} is cut"
            inner = kind
            if kind == _PACKED:
                packed = source.data[start : start + size]
                element = _Parser(source.name, partial(InflateStream, packed), order)
                inner, _ = element.tag()
            if inner == _ARRAY:
                found.update((array.name, array) for array in element.array())
        except FormatError as error:
            return found, error.message
        at = start + size + (0 if kind == _PACKED else -size % 8)
    return found, ""


def _byte_order(source: ByteSource) -> str:
    head = bytes(source.data[:_HEAD_BYTES])
    marks = {b"IM": "<", b"MI": ">"}
    order = marks.get(head[126:128])
    if order is None or head[124:126] != (b"\x00\x01" if order == "<" else b"\x01\x00"):
        message = "no MATLAB file of version 5, 6 or 7"
        found = repr(head[:20]) if head else "an empty file"
        raise FormatError(
            message, path=source.name, expected="MATLAB 5.0 MAT-file", found=found, hint=HINT
        )
    return order


class _Parser:
    """Goes through the elements of a stream, from its beginning on."""

    __slots__ = ("at", "name", "open", "order", "stream")

    def __init__(self, name: str, open_stream: Callable[[], ByteStream], order: str) -> None:
        self.name = name
        self.open = open_stream
        self.order = order
        self.stream = open_stream()
        self.at = 0

    def take(self, size: int) -> bytes:
        try:
            data = self.stream.read(size)
        except DAMAGED as error:
            raise damaged(self.name, str(error)) from error
        if len(data) != size:
            raise damaged(self.name, "a variable ends too early")
        self.at += size
        return data

    def skip(self, size: int) -> None:
        if self.stream.seekable():
            self.stream.seek(size, os.SEEK_CUR)
            self.at += size
            return
        while size > 0:
            size -= len(self.take(min(size, _PIECE_BYTES)))

    def tag(self) -> tuple[int, int]:
        """Return type and size of the next element; of a small one, its data follows at once."""
        word = int(np.frombuffer(self.take(4), self.order + "u4")[0])
        if word >> 16:
            return word & 0xFFFF, word >> 16
        return word, int(np.frombuffer(self.take(4), self.order + "u4")[0])

    def small(self) -> np.ndarray:
        """Return the numbers of a short element, and pass over what pads it."""
        start = self.at
        kind, size = self.tag()
        if size > _SMALL_LIMIT or kind not in _TYPES:
            self.fail("a description of sane size", f"{size} bytes of type {kind}")
        data = self.take(size)
        self.skip(-(self.at - start) % 8)
        dtype = np.dtype(self.order + _TYPES[kind])
        return np.frombuffer(data[: size // dtype.itemsize * dtype.itemsize], dtype)

    def array(self, prefix: str = "", depth: int = 0) -> Iterator[MatArray]:
        """Iterate over the arrays in the next one, from behind its tag on."""
        flags, shape, name = self.small(), tuple(self.small().tolist()), self.small().tobytes()
        if len(flags) < 1 or len(shape) > _RANK_LIMIT or min(shape, default=-1) < 0:
            self.fail("an array of some shape", f"{list(shape)}")
        word = int(flags[0])
        own = prefix or name.decode("latin-1")
        if word & 255 in _NUMBERS and prod(shape) <= _LENGTH_LIMIT:
            yield self.numbers(own, shape)
        elif word & 255 == _STRUCT and prod(shape) == 1 and depth < _DEPTH_LIMIT:
            yield from self.fields(own, depth)

    def fields(self, own: str, depth: int) -> Iterator[MatArray]:
        length = int(self.small()[:1].sum())
        names = self.small().tobytes()
        if not 0 < length <= _SMALL_LIMIT:
            self.fail("names of fields", f"{length} bytes each")
        for start in range(0, len(names), length):
            field = names[start : start + length].split(b"\0")[0].decode("latin-1")
            kind, size = self.tag()
            end = self.at + size + -size % 8
            if kind != _ARRAY:
                self.fail("an array in a field", f"type {kind}")
            if size:
                yield from self.array(f"{own}.{field}", depth + 1)
            if self.at > end:
                self.fail("a field that ends", f"byte {self.at}, not {end}")
            self.skip(end - self.at)

    def numbers(self, name: str, shape: tuple[int, ...]) -> MatArray:
        kind, size = self.tag()
        if kind not in _TYPES:
            self.fail("numbers", f"type {kind}")
        dtype = np.dtype(self.order + _TYPES[kind])
        if size != prod(shape) * dtype.itemsize:
            self.fail(f"{prod(shape)} numbers", f"{size} bytes of {dtype}")
        label = f"{self.name}:{name}"
        rows = partial(_rows, label, self.open, self.at, dtype)
        return MatArray(name=name, dtype=dtype, shape=shape, rows=rows)

    def fail(self, expected: str, found: str) -> NoReturn:
        message = "a damaged variable"
        raise FormatError(
            message, path=self.name, offset=self.at, expected=expected, found=found, hint=HINT
        )


def _rows(
    name: str,
    open_stream: Callable[[], ByteStream],
    start: int,
    dtype: np.dtype,
    shape: tuple[int, ...],
) -> StreamRows:
    return StreamRows(name=name, open=open_stream, start=start, dtype=dtype, shape=shape)
