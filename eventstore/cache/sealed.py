"""Files of cached blocks: a head that says what they are of, the content, a checksum over all.

    head      magic 8s | format u16 | kind u8 | 0 u8 | samples u32 | key 32s | block u64 | size u64
    content   tables and streams, each from a multiple of 8 bytes on
    checksum  crc32c of all before it, u32; all is little-endian

A file is whole or damaged: one byte changed, added or lost is found when it is opened, as is a file
that lies under another's name.
"""

import mmap
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import google_crc32c
import numpy as np
from jaxtyping import UInt8

from eventstore.buffers import Buffers
from eventstore.cache.key import CACHE_FORMAT, Kind
from eventstore.errors import IntegrityError

MAGIC = b"slkcache"

HEAD = struct.Struct("<8sHBBI32sQQ")

CRC = struct.Struct("<I")

KINDS: tuple[Kind, ...] = ("counts", "real", "events")

MAPPED_FROM = 1 << 20
"""Files of that many bytes are mapped, smaller ones read: a map holds a file descriptor, of which
processes may have 1,024, and a loader holds hundreds of small blocks at a time, or a few large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a file is of.

    Args:
        kind: what is kept.
        key: digest of the key, in hex.
        block: number of the block.
        n_samples: samples in it.
    """

    kind: Kind
    key: str
    block: int
    n_samples: int

    def pack(self, size: int) -> bytes:
        """Return the bytes of the head of a file of so many bytes."""
        kind, key = KINDS.index(self.kind), bytes.fromhex(self.key)
        return HEAD.pack(MAGIC, CACHE_FORMAT, kind, 0, self.n_samples, key, self.block, size)


Sizes = TypeVar("Sizes", int, np.ndarray)


def padded(size: Sizes) -> Sizes:
    """Return the next multiple of 8.

    Examples:
        >>> padded(0), padded(9)
        (0, 16)
    """
    return -(-size // 8) * 8


def seal(head: Head, parts: Sequence[bytes]) -> UInt8[np.ndarray, " n"]:
    """Return the bytes of a file.

    Args:
        head: what it is of.
        parts: the content, each part padded to a multiple of 8 bytes.

    Examples:
        >>> head = Head(kind="counts", key="ab" * 32, block=3, n_samples=1)
        >>> bytes(content(seal(head, [b"12", b"3"]), head)).hex()
        '31320000000000003300000000000000'
    """
    size = HEAD.size + sum(padded(len(part)) for part in parts) + CRC.size
    data = np.zeros(size, np.uint8)
    data[: HEAD.size] = np.frombuffer(head.pack(size), np.uint8)
    at = HEAD.size
    for part in parts:
        data[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += padded(len(part))
    data[at:] = np.frombuffer(CRC.pack(_checksum(data[:at])), np.uint8)
    return data


def content(data: UInt8[np.ndarray, " n"], head: Head) -> UInt8[np.ndarray, " m"]:
    """Return what a file holds, after checking that it is whole and of what is expected.

    Raises:
        IntegrityError: it is damaged, or of something else.
    """
    if len(data) < HEAD.size + CRC.size or bytes(data[: HEAD.size]) != head.pack(len(data)):
        message = f"{len(data)} bytes that are not the file of block {head.block} of {head.key}"
        raise IntegrityError(message)
    if CRC.pack(_checksum(data[: -CRC.size])) != bytes(data[-CRC.size :]):
        message = f"the checksum of block {head.block} does not match"
        raise IntegrityError(message)
    return data[HEAD.size : -CRC.size]


def read_file(path: Path | str, buffers: Buffers | None = None) -> UInt8[np.ndarray, " n"]:
    """Return the bytes of a file; they stay readable when it is deleted or replaced.

    Args:
        path: the file.
        buffers: memory for those of small files, used again once nothing refers to them.

    Raises:
        OSError: there is none, or it cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(handle).st_size
        if size >= MAPPED_FROM:
            return np.frombuffer(mmap.mmap(handle, 0, access=mmap.ACCESS_READ), np.uint8)
        data: np.ndarray = np.empty(size, np.uint8) if buffers is None else buffers.bytes(size)
        return data[: os.preadv(handle, [data.data], 0)]
    finally:
        os.close(handle)


def _checksum(data: UInt8[np.ndarray, " n"]) -> int:
    view = data.view()
    view.flags.writeable = False  # what the library asks for
    value: int = google_crc32c.value(view)
    return value
