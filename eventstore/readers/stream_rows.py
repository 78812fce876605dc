"""Rows of an array that is unpacked as it is read: a file may hold more than memory does.

Rows are best asked for in order; to go back, the array is unpacked from its beginning again.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

import numpy as np

from eventstore.errors import FormatError

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    EOFError,
)
"""What streams raise that unpack damaged bytes."""

HINT = "the copy is incomplete, or not of this format: fetch it again"

_PIECE_BYTES = 1 << 20
_PACKED_BYTES = 1 << 16


class ByteStream(Protocol):
    """What is needed of a file: its bytes one after another."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; fewer only at the end."""

    def seekable(self) -> bool:
        """Say whether `seek` works."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to another place."""


@dataclass(slots=True, kw_only=True, eq=False)
class StreamRows:
    """Rows of one array, read as they are asked for.

    Args:
        name: the file and the array in it, for messages.
        open: opens the stream of its bytes.
        start: byte of the stream where the data begins.
        dtype: type of an element.
        shape: lengths of the axes, the last one running fastest.

    Examples:
        >>> data = np.arange(6, dtype="<u2")
        >>> rows = StreamRows(
        ...     name="a.npz",
        ...     open=lambda: io.BytesIO(data.tobytes()),
        ...     dtype=data.dtype,
        ...     shape=(3, 2),
        ... )
        >>> rows[1:3].tolist()
        [[2, 3], [4, 5]]
    """

    name: str
    open: Callable[[], ByteStream]
    start: int = 0
    dtype: np.dtype
    shape: tuple[int, ...]
    _stream: ByteStream | None = field(default=None, repr=False)
    _row: int = 0

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows.

        Raises:
            FormatError: the stream is damaged, or ends too early.
        """
        start, stop, _ = rows.indices(self.shape[0])
        if self._stream is None or start < self._row:
            self._stream, self._row = self._opened(), 0
            self._skip(self._stream, self.start)
        row_bytes = prod(self.shape[1:]) * self.dtype.itemsize
        self._skip(self._stream, (start - self._row) * row_bytes)
        data = self._take(self._stream, (stop - start) * row_bytes)
        self._row = stop
        flat = np.frombuffer(data, self.dtype) if data else np.empty(0, self.dtype)
        return flat.reshape(stop - start, *self.shape[1:])

    def _opened(self) -> ByteStream:
        try:
            return self.open()
        except DAMAGED as error:
            raise damaged(self.name, str(error)) from error

    def _skip(self, stream: ByteStream, size: int) -> None:
        while size > 0:
            size -= len(self._take(stream, min(size, _PIECE_BYTES)))

    def _take(self, stream: ByteStream, size: int) -> bytes:
        try:
            data = stream.read(size)
        except DAMAGED as error:
            raise damaged(self.name, str(error)) from error
        if len(data) != size:
            raise damaged(self.name, f"it ends {size - len(data)} bytes too early")
        return data


class InflateStream(io.RawIOBase):
    """A file over deflated bytes, unpacked as they are read.

    Args:
        packed: a stream of zlib.

    Examples:
        >>> InflateStream(memoryview(zlib.compress(b"events"))).read(3)
        b'eve'
    """

    def __init__(self, packed: memoryview) -> None:
        super().__init__()
        self._packed = packed
        self._at = 0
        self._stream = zlib.decompressobj()
        self._tail: bytes | memoryview = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes; fewer only at the end.

        Raises:
            ValueError: no size is given: so much is never unpacked.
            zlib.error: the bytes are damaged.
        """
        if size is None or size < 0:
            message = "a size is needed"
            raise ValueError(message)
        pieces, missing = [], size
        while missing and not self._stream.eof:
            if not self._tail:
                self._tail = self._packed[self._at : self._at + _PACKED_BYTES]
                self._at += len(self._tail)
            if not self._tail:
                break
            piece = self._stream.decompress(self._tail, missing)
            self._tail = self._stream.unconsumed_tail
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)


def damaged(name: str, reason: str) -> FormatError:
    """Return the error that bytes do not unpack.

    Args:
        name: the file, and what in it.
        reason: why.
    """
    return FormatError(f"damaged ({reason})", path=name, hint=HINT)
