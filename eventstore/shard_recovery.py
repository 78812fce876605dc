"""Find the inner chunks of a shard whose index is damaged or cut off.

Chunks lie end to end from the first byte on, each with the crc32c of its payload behind it. The
crc32c over a payload and its own crc32c is one and the same number whatever the payload, so the end
of a chunk shows itself: a running crc32c reaches that number there, and elsewhere by chance at one
place in 2³². Chunks are found one after the other up to the first damaged one; past that only the
entries of the index can lead, where they agree with what was found before.
"""

from collections.abc import Callable
from functools import cache

import google_crc32c
import numpy as np
from jaxtyping import UInt8, UInt32

from eventstore.codecs import CRC_BYTES
from eventstore.jit import kernel
from eventstore.shards import ABSENT, ShardIndex, index_bytes

POLYNOMIAL = 0x82F63B78
"""Of crc32c, its bits reversed (RFC 3720, B.4)."""

START = 0xFFFFFFFF
"""The register of a running crc32c before its first byte."""


def recover_index(
    data: memoryview,
    n_chunks: int,
    slots: int,
    *,
    max_bytes: int,
    is_chunk: Callable[[bytes], bool],
) -> ShardIndex:
    """Return where those chunks of a shard lie that can be found without a sound index.

    Args:
        data: the shard file, or what is left of it.
        n_chunks: number of chunks that the shard should hold.
        slots: number of chunks that a full shard holds.
        max_bytes: no chunk is longer.
        is_chunk: says whether bytes whose checksum is right decode to a chunk.

    Returns:
        An index whose slots are absent where nothing was found. A damaged chunk is present where
        the index still knows its place.

    Examples:
        >>> from eventstore.codecs import with_checksum
        >>> from eventstore.shards import shard_parts
        >>> shard = b"".join(shard_parts([with_checksum(b"one"), with_checksum(b"three")], 4))
        >>> cut = memoryview(shard)[:-20]
        >>> recover_index(cut, 2, 4, max_bytes=99, is_chunk=lambda chunk: True).sizes[:2]
        [7, 9]
    """
    listed = _listed(data, slots)
    offsets, sizes = [ABSENT] * slots, [ABSENT] * slots
    at = 0
    for slot in range(n_chunks):
        size = _measure(data[at : at + max_bytes], is_chunk)
        if not size and listed[slot] == (at, listed[slot][1]):
            size = listed[slot][1] if listed[slot][1] <= min(max_bytes, len(data) - at) else 0
        if not size:
            break
        offsets[slot], sizes[slot] = at, size
        at += size
    return ShardIndex(offsets, sizes)


def _listed(data: memoryview, slots: int) -> list[tuple[int, int]]:
    """Return the entries of the index as they stand, checked by nothing."""
    start = len(data) - index_bytes(slots)
    if start < 0:
        return [(ABSENT, 0)] * slots
    entries = np.frombuffer(data[start : len(data) - CRC_BYTES], "<u8").reshape(slots, 2)
    return [(int(offset), int(size)) for offset, size in entries]


def _measure(data: memoryview, is_chunk: Callable[[bytes], bool]) -> int:
    """Return the length of the chunk at the beginning of some bytes; 0 where there is none."""
    table, residue = _crc_table()
    values = np.frombuffer(data, np.uint8)
    at, register = 0, START
    while at < len(values):
        at, register = _next_end(values, at, register, table, residue)
        if at and is_chunk(bytes(data[:at])):
            return at
        if not at:
            break
    return 0


@kernel
def _next_end(
    values: np.ndarray, at: int, register: int, table: np.ndarray, residue: int
) -> tuple[int, int]:
    """Go on to the next place where the running crc32c is that of a chunk's end; 0 for none."""
    for i in range(at, len(values)):
        register = table[(register ^ values[i]) & 0xFF] ^ (register >> 8)
        if register == residue and i >= 4:
            return i + 1, register
    return 0, register


@cache
def _crc_table() -> tuple[UInt32[np.ndarray, " 256"], int]:
    """Return the table of a crc32c byte by byte, and the register behind any chunk's checksum."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(POLYNOMIAL), table >> 1)
    whole = b"0" + int(google_crc32c.value(b"0")).to_bytes(CRC_BYTES, "little")
    values: UInt8[np.ndarray, " n"] = np.frombuffer(whole, np.uint8)
    register = START
    for value in values:
        register = int(table[(register ^ int(value)) & 0xFF]) ^ (register >> 8)
    return table, register
