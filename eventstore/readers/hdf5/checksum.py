"""The checksum of HDF5's newer structures: lookup3 (Bob Jenkins, public domain, May 2006)."""

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.hdf5.cursor import Space


@kernel
def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & 0xFFFFFFFF


@kernel
def lookup3(raw: np.ndarray) -> int:
    """Return the 32-bit hash of bytes, from 0 on.

    Examples:
        >>> hex(lookup3(np.frombuffer(b"Four score and seven years ago", np.uint8)))
        '0x17770551'
    """
    m = 0xFFFFFFFF
    n = len(raw)
    a = b = c = (0xDEADBEEF + n) & m
    words = np.zeros(3, np.int64)
    at = 0
    while n - at > 12:
        for k in range(3):
            words[k] = 0
            for i in range(4):
                words[k] |= np.int64(raw[at + 4 * k + i]) << (8 * i)
        a, b, c = (a + words[0]) & m, (b + words[1]) & m, (c + words[2]) & m
        a = (a - c) & m ^ _rotate(c, 4)
        c = (c + b) & m
        b = (b - a) & m ^ _rotate(a, 6)
        a = (a + c) & m
        c = (c - b) & m ^ _rotate(b, 8)
        b = (b + a) & m
        a = (a - c) & m ^ _rotate(c, 16)
        c = (c + b) & m
        b = (b - a) & m ^ _rotate(a, 19)
        a = (a + c) & m
        c = (c - b) & m ^ _rotate(b, 4)
        b = (b + a) & m
        at += 12
    if n == at:
        return c
    words[:] = 0
    for i in range(n - at):
        words[i // 4] |= np.int64(raw[at + i]) << (8 * (i % 4))
    a, b, c = (a + words[0]) & m, (b + words[1]) & m, (c + words[2]) & m
    c = ((c ^ b) - _rotate(b, 14)) & m
    a = ((a ^ c) - _rotate(c, 11)) & m
    b = ((b ^ a) - _rotate(a, 25)) & m
    c = ((c ^ b) - _rotate(b, 16)) & m
    a = ((a ^ c) - _rotate(c, 4)) & m
    b = ((b ^ a) - _rotate(a, 14)) & m
    return int(((c ^ b) - _rotate(b, 24)) & m)


def check_sum(space: Space, start: int, stop: int) -> None:
    """Check the four bytes at ``stop`` against those from ``start`` on.

    Raises:
        FormatError: they do not match.
    """
    raw = np.frombuffer(space.at(start, stop - start).take(stop - start), np.uint8)
    expected, found = space.at(stop, 4).uint(4), int(lookup3(raw))
    if expected != found:
        space.fail(
            start, "a structure does not match its checksum", f"{expected:08x}", f"{found:08x}"
        )
