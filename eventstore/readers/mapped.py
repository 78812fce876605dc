"""Go through the bytes of a mapped file without keeping them in memory.

Pages of a mapping count as the process's own until the system wants them back: reading a long file
from end to end would look like holding all of it.
"""

import mmap
from collections.abc import Iterator

import numpy as np

from eventstore.readers.protocol import ByteSource

RELEASE_BYTES = 1 << 23
"""How much is read before it is let go of: one system call for so much."""


def iter_pieces(
    source: ByteSource, start: int, stop: int, piece_bytes: int
) -> Iterator[tuple[int, memoryview]]:
    """Iterate over places and the bytes there, piece after piece, letting go of those before.

    Args:
        source: the bytes.
        start: place of the first byte.
        stop: place behind the last.
        piece_bytes: size of a piece; the last may be shorter.

    Examples:
        >>> source = ByteSource("a.bin", memoryview(b"abcde"))
        >>> [(at, bytes(piece)) for at, piece in iter_pieces(source, 1, 5, 3)]
        [(1, b'bcd'), (4, b'e')]
    """
    kept = start
    for at in range(start, stop, piece_bytes):
        if at - kept >= RELEASE_BYTES:
            forget(source, kept, at)
            kept = at
        yield at, source.data[at : min(at + piece_bytes, stop)]
    forget(source, kept, stop)


def forget(source: ByteSource, start: int, stop: int) -> None:
    """Let go of the bytes ``start … stop - 1``; they come from the file again if asked for.

    Does nothing for bytes that are not those of a mapped file.
    """
    mapping = source.data.obj
    advice = getattr(mmap, "MADV_DONTNEED", None)
    # Without a path these may be private bytes, which would not come back.
    if source.path is None or advice is None or not isinstance(mapping, mmap.mmap):
        return
    shift = _address(source.data) - _address(mapping)
    first = -(-(start + shift) // mmap.PAGESIZE) * mmap.PAGESIZE
    last = (stop + shift) // mmap.PAGESIZE * mmap.PAGESIZE
    if last > first:
        mapping.madvise(advice, first, last - first)


def _address(data: memoryview | mmap.mmap) -> int:
    return int(np.frombuffer(data, np.uint8, count=1).ctypes.data)
