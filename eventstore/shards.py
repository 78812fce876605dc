"""Shard files: inner chunks end to end, then the index that says where each lies.

chunk 0 | chunk 1 | … | slots × (offset u64, size u64) | crc32c of the index, u32
all little-endian; an absent chunk has offset = size = 2^64 - 1
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstore.codecs import CRC_BYTES, with_checksum, without_checksum
from eventstore.errors import IntegrityError

ABSENT = 2**64 - 1

ENTRY_BYTES = 16


def index_bytes(slots: int) -> int:
    """Return the size of the index of a shard with so many slots."""
    return slots * ENTRY_BYTES + CRC_BYTES


def shard_parts(chunks: Sequence[bytes], slots: int) -> list[bytes]:
    """Return the pieces of a shard file, to be written one after the other.

    Examples:
        >>> data = b"".join(shard_parts([b"abc", b"de"], 4))
        >>> index = ShardIndex.parse(memoryview(data), 4)
        >>> index.offsets[:2], index.sizes[:2], index.n_chunks
        ([0, 3], [3, 2], 2)
    """
    entries = np.full((slots, 2), ABSENT, np.dtype("<u8"))
    sizes = np.fromiter(map(len, chunks), np.uint64, len(chunks))
    entries[: len(chunks), 1] = sizes
    entries[: len(chunks), 0] = np.cumsum(sizes) - sizes
    return [*chunks, with_checksum(entries.tobytes())]


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """Where each inner chunk of a shard lies.

    Args:
        offsets: byte offset of each slot's chunk; ``ABSENT`` where there is none.
        sizes: its size in bytes, checksum included.
    """

    offsets: list[int]
    sizes: list[int]

    @classmethod
    def parse(cls, data: memoryview, slots: int) -> "ShardIndex":
        """Read and check the index at the end of a shard.

        Raises:
            IntegrityError: the file is cut short, the checksum does not match, or an entry points
                outside the file; the caller adds which file.
        """
        start = len(data) - index_bytes(slots)
        if start < 0:
            message = f"{len(data)} bytes are fewer than the index of {slots} slots"
            raise IntegrityError(message)
        payload = without_checksum(bytes(data[start:]))
        entries = np.frombuffer(payload, "<u8").reshape(slots, 2)
        present = entries[:, 0] != ABSENT
        ends = entries[present].sum(axis=1)
        if len(ends) and int(ends.max()) > start:
            message = f"the index names bytes up to {ends.max()}, chunks end at {start}"
            raise IntegrityError(message)
        return cls(entries[:, 0].tolist(), entries[:, 1].tolist())

    @property
    def n_chunks(self) -> int:
        """Number of chunks present."""
        return sum(offset != ABSENT for offset in self.offsets)
