"""Unpack chunks: the filters a dataset's data went through, taken back from the last to the first.

    message     version 1 | filters 1 | version 1: 6 | each: id 2 | size of name 2 | flags 2
                | parameters 2 | name, padded to 8 in version 1 | parameters 4 …
                in version 2 ids below 256 have no name and no size of it

Every filter says at most how many bytes may come out of it: a chunk's own size.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numcodecs import LZ4, Blosc, Shuffle, Zstd
from numcodecs.fletcher32 import Fletcher32

from eventstore.errors import FormatError
from eventstore.readers.hdf5.cursor import HINT, Cursor
from eventstore.readers.hdf5.lzf import unpack_lzf

DEFLATE, SHUFFLE, FLETCHER32, ECF = 1, 2, 3, 0x8ECF
LZF, BLOSC, LZ4_BLOCKS, ZSTD = 32000, 32001, 32004, 32015

NAMES = {
    4: "szip", 5: "nbit", 6: "scaleoffset", 32008: "bitshuffle", 32026: "blosc2", ECF: "ECF",
}  # fmt: skip
"""Filters that are not unpacked here, by name; for others there is the number."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One step of packing.

    Args:
        number: which, in the list of The HDF Group.
        parameters: its own.
    """

    number: int
    parameters: tuple[int, ...] = ()


def read_filters(body: Cursor) -> tuple[Filter, ...]:
    """Return the filters of a dataset, in the order of packing.

    Raises:
        FormatError: the message is damaged.
    """
    version, count = body.uint(1), body.uint(1)
    if version not in {1, 2}:
        body.fail("an unknown version of filters", "1 or 2", str(version))
    body.skip(6 if version == 1 else 0)
    filters = []
    for _ in range(count):
        number = body.uint(2)
        name_bytes = body.uint(2) if version == 1 or number >= 256 else 0
        body.skip(2)
        n_parameters = body.uint(2)
        body.skip(name_bytes + (-name_bytes % 8 if version == 1 else 0))
        filters.append(Filter(number, tuple(body.uint(4) for _ in range(n_parameters))))
        body.skip(4 if version == 1 and n_parameters % 2 else 0)
    return tuple(filters)


def unpack_chunk(
    stored: memoryview, filters: tuple[Filter, ...], n_bytes: int, *, where: tuple[str, int]
) -> memoryview:
    """Return the bytes of a chunk.

    Args:
        stored: its bytes in the file.
        filters: those it went through, in the order of packing.
        n_bytes: how many bytes it must give.
        where: name of the file and the byte where it lies, for messages.

    Raises:
        FormatError: it does not unpack to so many bytes, or with a filter that is not read.

    Examples:
        >>> packed = memoryview(zlib.compress(b"events"))
        >>> bytes(unpack_chunk(packed, (Filter(DEFLATE),), 6, where=("a.h5", 0)))
        b'events'
    """
    data, room = stored, n_bytes + 4 * sum(f.number == FLETCHER32 for f in filters)
    for step in reversed(filters):
        unpack = _UNPACK.get(step.number)
        if unpack is None:
            raise _unread(step.number, where)
        try:
            unpacked: Any = unpack(data, room, step)
            data = memoryview(unpacked).cast("B")
        except (ValueError, RuntimeError, zlib.error, TypeError, IndexError) as error:
            raise _damaged(where, f"a chunk does not unpack ({error})", "", "") from error
    if len(data) != n_bytes:
        raise _damaged(where, "a chunk of the wrong size", f"{n_bytes} bytes", f"{len(data)}")
    return data


def _unread(number: int, where: tuple[str, int]) -> FormatError:
    name = f"{number} ({NAMES[number]})" if number in NAMES else str(number)
    message = f"chunks are packed with filter {name}, which is not read"
    hint = "copy the file with h5repack -f GZIP=4, with that filter's plug-in installed"
    return FormatError(message, path=where[0], offset=where[1], hint=hint)


def _damaged(where: tuple[str, int], message: str, expected: str, found: str) -> FormatError:
    return FormatError(
        message, path=where[0], offset=where[1], expected=expected, found=found, hint=HINT
    )


def _deflate(data: memoryview, room: int, _: Filter) -> bytes:
    stream = zlib.decompressobj()
    unpacked = stream.decompress(data, room)
    # The end of a stream that just fits comes with the next byte, if there is none.
    more = b"" if stream.eof else stream.decompress(stream.unconsumed_tail, 1)
    if more or not stream.eof:
        message = f"no end within {room} bytes"
        raise ValueError(message)
    return unpacked


def _shuffle(data: memoryview, _: int, step: Filter) -> np.ndarray:
    item_bytes = step.parameters[0] if step.parameters else 1
    raw = np.frombuffer(data, np.uint8)
    if item_bytes <= 1 or item_bytes > len(raw):
        return raw
    whole = len(raw) // item_bytes * item_bytes
    unpacked = np.empty_like(raw)
    Shuffle(item_bytes).decode(raw[:whole], unpacked[:whole])
    unpacked[whole:] = raw[whole:]  # bytes of no whole item stay where they are
    return unpacked


def _fletcher32(data: memoryview, _: int, __: Filter) -> memoryview:
    if len(data) < 4:
        message = "no room for a checksum"
        raise ValueError(message)
    return memoryview(Fletcher32().decode(np.frombuffer(data, np.uint8)))


def _lzf(data: memoryview, room: int, _: Filter) -> np.ndarray:
    unpacked = np.empty(room, np.uint8)
    size = unpack_lzf(np.frombuffer(data, np.uint8), unpacked)
    if size < 0:
        message = "LZF data is damaged"
        raise ValueError(message)
    return unpacked[:size]


def _blosc(data: memoryview, room: int, _: Filter) -> memoryview:
    # Header: versions 1 1, flags 1, type size 1, then bytes unpacked, in a block, packed: 4 each.
    unpacked, packed = (int.from_bytes(data[at : at + 4], "little") for at in (4, 12))
    if len(data) < 16 or unpacked > room or packed != len(data):
        message = f"Blosc data of {packed} bytes for {unpacked}"
        raise ValueError(message)
    return memoryview(Blosc().decode(data)) if unpacked else memoryview(b"")


def _zstd(data: memoryview, room: int, _: Filter) -> memoryview:
    size = zstd_size(data)
    if not 0 <= size <= room:
        message = f"Zstandard data for {size if size >= 0 else 'an unknown number of'} bytes"
        raise ValueError(message)
    return memoryview(Zstd().decode(data)) if size else memoryview(b"")


def zstd_size(data: memoryview) -> int:
    """Return how many bytes a frame of Zstandard says it holds, -1 where it does not (RFC 8878).

    Examples:
        >>> zstd_size(memoryview(Zstd().encode(b"events")))
        6
    """
    if bytes(data[:4]) != b"\x28\xb5\x2f\xfd" or len(data) < 6:
        return -1
    flags = data[4]
    is_single = flags >> 5 & 1
    size = (is_single, 2, 4, 8)[flags >> 6]
    at = 6 - is_single + (0, 1, 2, 4)[flags & 3]
    if size == 0 or len(data) < at + size:
        return -1
    return int.from_bytes(data[at : at + size], "little") + (256 if size == 2 else 0)


def _lz4(data: memoryview, room: int, _: Filter) -> memoryview:
    total, block_bytes = int.from_bytes(data[:8], "big"), int.from_bytes(data[8:12], "big")
    if total > room or not block_bytes > 0:
        message = f"LZ4 data for {total} bytes"
        raise ValueError(message)
    at, pieces = 12, []
    for start in range(0, total, block_bytes):
        wanted = min(block_bytes, total - start)
        size = int.from_bytes(data[at : at + 4], "big")
        block = data[at + 4 : at + 4 + size]
        at += 4 + size
        if size != wanted:
            block = memoryview(LZ4().decode(wanted.to_bytes(4, "little") + bytes(block)))
        pieces.append(block)
    return memoryview(b"".join(pieces))


_UNPACK: dict[int, Callable[[memoryview, int, Filter], bytes | memoryview | np.ndarray]] = {
    DEFLATE: _deflate,
    SHUFFLE: _shuffle,
    FLETCHER32: _fletcher32,
    LZF: _lzf,
    BLOSC: _blosc,
    LZ4_BLOCKS: _lz4,
    ZSTD: _zstd,
}
