"""Small files read several at once, with no Python in between.

A thread that opens, sizes, reads and closes a file one call after the other lets go of the
interpreter lock four times and waits to get it back each time: with a second thread at work, 16 µs
a file become 100.
"""

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import numpy as np
from jaxtyping import Int64, UInt8
from numba import types

from eventstore.buffers import Buffers
from eventstore.cache.sealed import MAPPED_FROM
from eventstore.jit import INTERPRETED, kernel


def _of_libc(name: str, result: types.Type, *arguments: types.Type) -> Callable[..., int]:
    """Return a function of the C library for kernels: code that is cached finds it by its name."""
    return cast("Callable[..., int]", types.ExternalFunction(name, result(*arguments)))


_open = _of_libc("open", types.int32, types.intp, types.int32)
_lseek = _of_libc("lseek", types.int64, types.int32, types.int64, types.int32)
_pread = _of_libc("pread", types.intp, types.int32, types.intp, types.uintp, types.int64)
_close = _of_libc("close", types.int32, types.int32)

FLAGS = os.O_RDONLY | os.O_CLOEXEC

END = os.SEEK_END


class ReadFiles(NamedTuple):
    """Files in one piece of memory.

    Args:
        data: all bytes.
        at: where each file begins, a multiple of 8.
        sizes: the bytes of each; -1 for one that is not there, large, or in trouble.
    """

    data: UInt8[np.ndarray, " bytes"]
    at: Int64[np.ndarray, " n"]
    sizes: Int64[np.ndarray, " n"]

    def each(self) -> list[UInt8[np.ndarray, " m"] | None]:
        """Return the bytes of each file, or None."""
        return [
            self.data[start : start + size] if size >= 0 else None
            for start, size in zip(self.at.tolist(), self.sizes.tolist(), strict=True)
        ]


class SmallFiles:
    """Reads files of less than `MAPPED_FROM` bytes; any thread may.

    Args:
        buffers: memory for what is read, used again once nothing refers to it.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> folder = Path(mkdtemp())
        >>> _ = (folder / "a").write_bytes(b"one"), (folder / "b").write_bytes(b"two")
        >>> found = SmallFiles(Buffers(keep=1)).read([f"{folder}/{name}" for name in "abc"]).each()
        >>> [None if data is None else bytes(data) for data in found]
        [b'one', b'two', None]
    """

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self._room = 1 << 16  # bytes that a read is given: grows to what it takes

    def read(self, paths: Sequence[str]) -> ReadFiles:
        """Return the bytes of files."""
        at, sizes = np.zeros(len(paths), np.int64), np.full(len(paths), -1)
        if INTERPRETED or not paths:
            return ReadFiles(np.empty(0, np.uint8), at, sizes)
        names = np.frombuffer(os.fsencode("\0".join(paths) + "\0"), np.uint8)
        out = self._buffers.bytes(self._room)
        wanted = read_files(names, out, at, sizes)
        if wanted > len(out):
            self._room = int(wanted) * 5 // 4
            return self.read(paths)
        return ReadFiles(out, at, sizes)


@kernel
def read_files(names: np.ndarray, out: np.ndarray, at: np.ndarray, sizes: np.ndarray) -> int:
    """Read files one behind the other, each from a multiple of 8 bytes on; return what all take.

    Args:
        names: their paths, each with a zero byte behind it and none within.
        out: bytes for what is read; a file that finds no more room is passed over.
        at: int64, becomes where each begins in ``out``.
        sizes: int64, becomes the bytes of each; -1 where it was not read.
    """
    wanted, begin = 0, 0
    for i in range(len(sizes)):
        sizes[i] = -1
        file = _open(names.ctypes.data + begin, FLAGS)
        while names[begin] != 0:
            begin += 1
        begin += 1
        if file < 0:
            continue
        size = _lseek(file, 0, END)
        if 0 <= size < MAPPED_FROM:
            at[i] = wanted
            wanted += -(-size // 8) * 8
            if wanted <= len(out) and _filled(file, out[at[i] : at[i] + size]):
                sizes[i] = size
        _close(file)
    return wanted


@kernel
def _filled(file: int, out: np.ndarray) -> bool:
    """Read a file from its start until ``out`` is full; say whether it had that much."""
    done = 0
    while done < len(out):
        n = _pread(file, out.ctypes.data + done, len(out) - done, done)
        if n <= 0:
            return False
        done += n
    return True
