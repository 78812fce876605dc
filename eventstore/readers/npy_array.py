"""The array in a ``.npy`` file, as far as its bytes are there; nothing is ever unpickled.

    0x93 NUMPY | version 1 1 | size of header 2 or 4 | header: dtype, order, shape | data

See numpy.lib.format for the header.
"""

import io
from dataclasses import dataclass
from math import prod
from tokenize import TokenError

import numpy as np

from eventstore.errors import FormatError

HINT = "save plain numbers with np.save or np.savez; arrays of Python objects are not unpickled"

_BAD_HEADER = (
    ValueError, KeyError, SyntaxError, TypeError, TokenError, RecursionError, MemoryError, Warning,
)  # fmt: skip
_HEADER_LIMIT = 1 << 16
_LENGTH_LIMIT = 1 << 48


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """What a header says.

    Args:
        dtype: type of an element.
        shape: lengths of the axes.
        fortran: the first axis runs fastest.
        start: byte where the data begins.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def n_bytes(self) -> int:
        """Bytes of the data."""
        return prod(self.shape) * self.dtype.itemsize


def read_header(name: str, data: memoryview) -> NpyHeader:
    """Read the header of an array.

    Raises:
        FormatError: this is no ``.npy``, or its elements are Python objects.

    Examples:
        >>> stream = io.BytesIO()
        >>> np.save(stream, np.zeros((2, 3), "<u2"))
        >>> read_header("a.npy", memoryview(stream.getvalue())).shape
        (2, 3)
    """
    stream = io.BytesIO(data[:_HEADER_LIMIT])
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read(stream)
    except _BAD_HEADER as error:
        found = str(error).split("\n")[0][:80]
        message = "not a numpy array"
        raise FormatError(
            message, path=name, expected="a .npy header", found=found, hint=HINT
        ) from error
    if dtype.hasobject:
        message = "array of Python objects is not unpickled"
        raise FormatError(message, path=name, expected="numbers", found=str(dtype), hint=HINT)
    if not all(0 <= length <= _LENGTH_LIMIT for length in shape) or dtype.itemsize == 0:
        message = "array of the wrong size"
        raise FormatError(
            message, path=name, expected="lengths from 0", found=f"{shape}", hint=HINT
        )
    return NpyHeader(dtype, shape, fortran, stream.tell())


def view_array(name: str, data: memoryview) -> np.ndarray:
    """Return an array that is there from end to end, without a copy.

    Raises:
        FormatError: this is no ``.npy``, or it is not as long as it says.
    """
    header = read_header(name, data)
    there = len(data) - header.start
    if there != header.n_bytes:
        message, expected = "array of the wrong size", f"{header.n_bytes} bytes"
        raise FormatError(
            message, path=name, offset=header.start, expected=expected, found=f"{there}", hint=HINT
        )
    flat = np.frombuffer(data[header.start :], header.dtype) if there else np.empty(0, header.dtype)
    if header.fortran:
        return flat.reshape(header.shape[::-1]).T
    return flat.reshape(header.shape)


def view_rows(name: str, data: memoryview) -> tuple[np.ndarray, int]:
    """Return the rows that are there from end to end, and how many bytes of another follow.

    Raises:
        FormatError: this is no ``.npy``, or one that is cut in the middle of all rows at once.
    """
    header = read_header(name, data)
    row = header.dtype.itemsize * prod(header.shape[1:])
    there = len(data) - header.start
    if (header.fortran and len(header.shape) > 1) or not header.shape or row == 0:
        return view_array(name, data), 0
    n_rows = min(there // row, header.shape[0])
    rest = 0 if n_rows == header.shape[0] else there - n_rows * row
    part = data[header.start : header.start + n_rows * row]
    flat = np.frombuffer(part, header.dtype) if n_rows else np.empty(0, header.dtype)
    return flat.reshape(n_rows, *header.shape[1:]), rest
