"""Read the 40-bit ATIS records of N-MNIST and N-Caltech101 (``.bin``).

One record is five bytes, big-endian (Orchard et al. 2015, doi:10.3389/fnins.2015.00437)::

    byte 0   1   2            3        4
         x   y   p | t 22–16  t 15–8   t 7–0      p: 1 = ON; t: µs

A record with ``y = 240`` is no event: it adds 2^13 µs to the stamps of all records behind it. The
file states no geometry.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.geometry import cut_file, no_events, settle_sensor
from eventstore.readers.mapped import iter_pieces
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

RECORD_BYTES = 5
OVERFLOW_ROW = 240
OVERFLOW_US = 1 << 13
STAMP_LIMIT_US = 1 << 23

_SNIFF_RECORDS = 256
_SCAN_RECORDS = 1 << 18


@kernel
def scan_records(raw: np.ndarray) -> tuple[int, int]:
    """Return the largest x and y of the events, -1 without any."""
    x_max, y_max = -1, -1
    for i in range(0, len(raw) - 4, 5):
        if raw[i + 1] != OVERFLOW_ROW:
            x_max = max(x_max, int(raw[i]))
            y_max = max(y_max, int(raw[i + 1]))
    return x_max, y_max


@kernel
def decode_records(
    raw: np.ndarray, base: int, columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
) -> tuple[int, int]:
    """Decode whole records into columns; return the number of events and the new time base."""
    t, x, y, p = columns
    n = 0
    for i in range(0, len(raw) - 4, 5):
        if raw[i + 1] == OVERFLOW_ROW:
            base += OVERFLOW_US
            continue
        high = np.int64(raw[i + 2])
        t[n] = base + (((high & 127) << 16) | (np.int64(raw[i + 3]) << 8) | np.int64(raw[i + 4]))
        x[n] = raw[i]
        y[n] = raw[i + 1]
        p[n] = high >> 7
        n += 1
    return n, base


def iter_packets(
    raw: UInt8[np.ndarray, " bytes"], packet_events: int = PACKET_EVENTS
) -> Iterator[Events]:
    """Decode records in packets of at most ``packet_events`` events.

    Examples:
        >>> raw = np.array([3, 4, 0x80, 0, 7], np.uint8)
        >>> [packet.t.tolist() for packet in iter_packets(raw)]
        [[7]]
    """
    step = packet_events * RECORD_BYTES
    return decode_pieces(raw[start : start + step] for start in range(0, len(raw), step))


def decode_pieces(pieces: Iterable[UInt8[np.ndarray, " bytes"]]) -> Iterator[Events]:
    """Decode whole records, a packet a piece."""
    base = 0
    for part in pieces:
        packet = Events.blank(len(part) // RECORD_BYTES)
        n, base = decode_records(part, base, packet.arrays())
        if n:
            yield packet[:n]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtisReader(OneRecording):
    """Reader of 40-bit ATIS records.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "atis"
    suffixes: tuple[str, ...] = (".bin",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .bin and the first stamps run forwards."""
        if source.suffix not in self.suffixes:
            return False
        whole = min(len(source.data) // RECORD_BYTES, _SNIFF_RECORDS) * RECORD_BYTES
        raw = np.frombuffer(source.data[:whole], np.uint8)
        t = np.concatenate([np.zeros(0, np.int64), *(packet.t for packet in iter_packets(raw))])
        # Other bytes step back every second time; sensors now and then, by a few µs.
        return bool(np.count_nonzero(t[1:] < t[:-1]) <= 1 + len(t) // 16)

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; without ``sensor`` the smallest known geometry is assumed."""
        rest = len(source.data) % RECORD_BYTES
        stop = len(source.data) - rest
        sensor, findings = settle_sensor(source.name, sensor, lambda: self._extent(source, stop))
        if not stop:
            findings.append(no_events(source.name))
        if rest:
            findings.append(cut_file(source.name, stop, rest))
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=True,
            packets=self._packets(source, stop),
            findings=findings,
        )

    def _packets(self, source: ByteSource, stop: int) -> Iterator[Events]:
        pieces = iter_pieces(source, 0, stop, self.packet_events * RECORD_BYTES)
        return decode_pieces(np.frombuffer(piece, np.uint8) for _, piece in pieces)

    def _extent(self, source: ByteSource, stop: int) -> tuple[int, int]:
        x_max, y_max = -1, -1
        for _, piece in iter_pieces(source, 0, stop, _SCAN_RECORDS * RECORD_BYTES):
            x, y = scan_records(np.frombuffer(piece, np.uint8))
            x_max, y_max = max(x_max, x), max(y_max, y)
        return x_max, y_max


READER = AtisReader()
