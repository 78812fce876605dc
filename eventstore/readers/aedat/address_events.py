"""Records of an address and a stamp, big-endian, as AEDAT 1 and 2 hold them and older files too.

    u2 or u4 address | u4 stamp

Stamps are 32 bits of a running clock. A recording may begin at any of them and run on through 0: a
stamp is the one nearest to that before it, so that small steps back stay small.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Int64, UInt32

from eventstore.events import Events
from eventstore.findings import Finding, Severity
from eventstore.jit import kernel
from eventstore.readers.aedat.address_maps import AddressMap
from eventstore.readers.geometry import cut_file
from eventstore.readers.mapped import iter_pieces
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource

AddressBytes: TypeAlias = Literal[2, 4]
"""Bytes of an address: 2 in AEDAT 1, 4 in AEDAT 2."""

Coordinates: TypeAlias = Literal["image", "address"]
"""``image``: x right, y down, p 1 = ON; ``address``: the bits of the address as they stand."""

RECORDS = {
    2: np.dtype([("address", ">u2"), ("stamp", ">u4")]),
    4: np.dtype([("address", ">u4"), ("stamp", ">u4")]),
}
"""Records by the bytes of their address."""

KINDS = ("pixels of frames", "words of IMU samples", "events at the sync pin")
"""What records can be that are no events."""

AddressPiece: TypeAlias = tuple[UInt32[np.ndarray, " n"], Int64[np.ndarray, " n"]]
"""Addresses and unwrapped stamps of some records."""


@kernel
def unwrap_stamps(stamps: np.ndarray, last: int, t: np.ndarray) -> int:
    """Fill ``t`` with 32-bit stamps that go on from ``last``; return the new last one."""
    for i in range(len(stamps)):
        last += ((int(stamps[i]) - last + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        t[i] = last
    return last


@kernel
def decode_addresses(
    piece: tuple[np.ndarray, np.ndarray],
    bits: tuple[int, ...],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    counts: np.ndarray,
) -> int:
    """Decode the addresses that are events into columns, count the others; return how many."""
    addresses, stamps = piece
    t, x, y, p = columns
    x_shift, x_mask, y_shift, y_mask, p_shift, p_flip, others, mixed, x_last, y_last = bits
    n = 0
    for i in range(len(addresses)):
        address = np.int64(addresses[i])
        if address & others:
            kind = 2 if not mixed or address >> 31 == 0 else int(address & 0xC00 == 0xC00)
            counts[kind] += 1
            continue
        a, b = (address >> x_shift) & x_mask, (address >> y_shift) & y_mask
        t[n] = stamps[i]
        x[n] = a if x_last < 0 else x_last - a
        y[n] = b if y_last < 0 else y_last - b
        p[n] = ((address >> p_shift) & 1) ^ p_flip
        n += 1
    return n


@kernel
def scan_addresses(addresses: np.ndarray, others: int, top: np.ndarray) -> None:
    """Raise ``top`` to the largest address, and the largest x and y of DAVIS addresses."""
    for i in range(len(addresses)):
        address = np.int64(addresses[i])
        top[0] = max(top[0], address)
        if address & others == 0:
            top[1] = max(top[1], (address >> 12) & 1023)
            top[2] = max(top[2], (address >> 22) & 511)


def iter_records(
    source: ByteSource, start: int, address_bytes: AddressBytes, records: int = PACKET_EVENTS
) -> Iterator[AddressPiece]:
    """Read whole records, at most ``records`` at a time, and unwrap their stamps.

    Args:
        source: the file.
        start: place of the first.
        address_bytes: bytes of an address.
        records: most of them at a time.

    Examples:
        >>> data = memoryview(bytes([0, 7, 255, 255, 255, 255, 0, 8, 0, 0, 0, 1]))
        >>> [(a.tolist(), t.tolist()) for a, t in iter_records(ByteSource("a", data), 0, 2)]
        [([7, 8], [4294967295, 4294967297])]
    """
    record = RECORDS[address_bytes]
    whole = len(source.data) - (len(source.data) - start) % record.itemsize
    last: int | None = None
    for _, piece in iter_pieces(source, start, whole, records * record.itemsize):
        rows = np.frombuffer(piece, record)
        addresses, stamps = (rows[name].astype(np.uint32) for name in ("address", "stamp"))
        t = np.empty(len(rows), np.int64)
        last = unwrap_stamps(stamps, int(stamps[0]) if last is None else last, t)
        yield addresses, t


def cut_record(source: ByteSource, start: int, address_bytes: AddressBytes) -> list[Finding]:
    """Return the finding that the last record of a file is cut, where it is."""
    rest = (len(source.data) - start) % RECORDS[address_bytes].itemsize
    return [cut_file(source.name, len(source.data) - rest, rest)] if rest else []


def iter_mapped(
    pieces: Iterator[AddressPiece],
    bits: AddressMap,
    coordinates: Coordinates,
    counts: Int64[np.ndarray, "3"],
) -> Iterator[Events]:
    """Decode records into events by a map; records of other `KINDS` are counted."""
    image = coordinates == "image"
    turned = image and bits.turned
    fields = (
        bits.x_shift,
        (1 << bits.x_bits) - 1,
        bits.y_shift,
        (1 << bits.y_bits) - 1,
        bits.p_shift,
        int(image and bits.on == 0),
        bits.others,
        int(bits.mixed),
        bits.sensor.width - 1 if turned else -1,
        bits.sensor.height - 1 if turned else -1,
    )
    for piece in pieces:
        packet = Events.empty(len(piece[0]))
        n = decode_addresses(piece, fields, packet.arrays(), counts)
        if n:
            yield packet[:n]


def address_extent(pieces: Iterator[AddressPiece], bits: AddressMap) -> tuple[int, int, int]:
    """Return the largest address, and the largest x and y of DAVIS addresses, -1 without any."""
    top = np.full(3, -1, np.int64)
    for addresses, _ in pieces:
        scan_addresses(addresses, bits.others, top)
    return int(top[0]), int(top[1]), int(top[2])


def others_found(name: str, counts: Int64[np.ndarray, "3"]) -> list[Finding]:
    """Return the finding of how many records are no events, and of which kind."""
    said = [f"{n:,} {kind}" for n, kind in zip(counts.tolist(), KINDS, strict=True) if n]
    if not said:
        return []
    finding = Finding(
        severity=Severity.INFO,
        where=name,
        message=f"{', '.join(said)} among the records are no events",
        check="other-words",
    )
    return [finding]
