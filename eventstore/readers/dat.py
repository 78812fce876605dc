"""Read Prophesee's DAT files (``.dat``), of the event types CD and the older 2D.

After the text header come two bytes, event type and event size; then 8-byte records,
little-endian::

    t u32 µs | x bits 0–13, y bits 14–27, p bits 28–31

Stamps wrap after 2^32 µs, 71 minutes: one that falls by more than half of that has wrapped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.geometry import cut_file, extent_of, no_events, settle_sensor
from eventstore.readers.mapped import iter_pieces
from eventstore.readers.prophesee import Header, parse_header, unknown_word
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

EVENT_TYPES = {0x00: "2D", 0x0C: "CD"}
RECORD_BYTES = 8
WRAP_US = 1 << 32

PIECE_BYTES = 1 << 18

# Unsigned all through: mixed with signed numbers, numba computes in floating point.
_32: Any = np.uint32
_64: Any = np.uint64
_INT: Any = np.int64


@kernel
def decode_records(
    words: np.ndarray,
    clock: tuple[int, int],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[tuple[int, int], int]:
    """Decode records into the beginning of columns.

    Args:
        words: two uint32 a record.
        clock: time base and last stamp, as the call for the records before returned them.
        columns: t, x, y, p, at least as long as there are records.

    Returns the clock for the next call, and the first record whose polarity is not 0 or 1, or -1.
    """
    t, x, y, p = columns
    base, last = _64(clock[0]), _64(clock[1])
    odd = _32(0)
    n = len(words) // 2
    for i in range(n):
        stamp, address = _64(words[2 * i]), words[2 * i + 1]
        if last > stamp + _64(
            WRAP_US // 2
        ):  # a small step back is the sensor's, a large one a wrap
            base += _64(WRAP_US)
        last = stamp
        t[i] = base + stamp
        x[i] = address & _32(0x3FFF)
        y[i] = (address >> _32(14)) & _32(0x3FFF)
        p[i] = address >> _32(28)
        odd |= address >> _32(29)
    bad = -1
    if odd:
        for i in range(n - 1, -1, -1):
            if words[2 * i + 1] >> _32(29):
                bad = i
    return (_INT(base), _INT(last)), bad


@dataclass(frozen=True, slots=True, kw_only=True)
class DatReader(OneRecording):
    """Reader of DAT files.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "dat"
    suffixes: tuple[str, ...] = (".dat",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .dat and a header of the format stands at the beginning."""
        if source.suffix not in self.suffixes:
            return False
        at = parse_header(source.data).size
        return at > 0 and bytes(source.data[at : at + 2]) in {
            bytes([kind, RECORD_BYTES]) for kind in EVENT_TYPES
        }

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; its records are decoded, and judged, while packets are read.

        Raises:
            FormatError: the event type is unknown; or a polarity is: while packets are read, or
                here where the file has to be gone through for its geometry.
        """
        header = parse_header(source.data)
        _check_kind(source, header)
        start = header.size + 2
        stop = len(source.data) - (len(source.data) - start) % RECORD_BYTES
        sensor, findings = settle_sensor(
            source.name, sensor or header.sensor, lambda: self._extent(source, header, stop)
        )
        if stop < len(source.data):
            findings.append(cut_file(source.name, stop, len(source.data) - stop))
        if stop == start:
            findings.append(no_events(source.name))
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=False,
            packets=self._packets(source, header, stop),
            meta=dict(header.fields),
            findings=findings,
        )

    def _packets(self, source: ByteSource, header: Header, stop: int) -> Iterator[Events]:
        start, clock = header.size + 2, (0, 0)
        piece_bytes = min(PIECE_BYTES, self.packet_events * RECORD_BYTES)
        array = np.empty(piece_bytes // 4, np.uint32)
        packet, n = Events.blank(0), 0
        for at, data in iter_pieces(source, start, stop, piece_bytes):
            records, left = len(data) // RECORD_BYTES, (stop - at) // RECORD_BYTES
            if n + records > len(packet):
                if n:
                    yield packet[:n]
                packet, n = Events.blank(min(self.packet_events, left)), 0
            words = array[: 2 * records]
            np.copyto(words, np.frombuffer(data, "<u4"))
            clock, bad = decode_records(words, clock, packet[n:].arrays())
            if bad >= 0:
                polarity = int(words[2 * bad + 1]) >> 28
                offset = at + RECORD_BYTES * bad
                raise unknown_word(source, offset, f"polarity {polarity}", "polarity 0 or 1")
            if header.t0_us:
                packet.t[n : n + records] += header.t0_us
            n += records
        if n:
            yield packet[:n]

    def _extent(self, source: ByteSource, header: Header, stop: int) -> tuple[int, int]:
        return extent_of(self._packets(source, header, stop))


READER = DatReader()


def _check_kind(source: ByteSource, header: Header) -> None:
    kind = bytes(source.data[header.size : header.size + 2])
    if len(kind) == 2 and kind[0] in EVENT_TYPES and kind[1] == RECORD_BYTES:
        return
    known = ", ".join(f"{code:#04x} {name}" for code, name in EVENT_TYPES.items())
    message = "unknown kind of event"
    raise FormatError(
        message,
        path=source.name,
        offset=header.size,
        expected=f"type {known} and size {RECORD_BYTES}",
        found=kind.hex(" ") or "the end of the file",
        hint="only files of camera events can be read, not those of triggers or boxes; "
        "is it a .dat of Prophesee?",
    )
