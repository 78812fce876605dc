"""Read the ``_td.dat`` files of kAER and ATIS (``.dat``), as of NavGesture: 8 bytes a record.

Little-endian, behind a text header and two bytes (type, size 8) where there is one::

    t u32 µs | x bits 0–8, y bits 9–16, p bit 17, bits 18–31 are 0

Prophesee's later files of the same suffix keep 14 bits of x and y: the reader ``dat`` reads those.
Where a header is there the two cannot be told apart, so this reader has to be named.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers.geometry import cut_file, extent_of, no_events, settle_sensor
from eventstore.readers.mapped import iter_pieces
from eventstore.readers.prophesee import parse_header
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

RECORD_BYTES = 8

_RESERVED = 0xFFFC0000
_SNIFF_RECORDS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class TdDatReader(OneRecording):
    """Reader of kAER's records.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "td-dat"
    suffixes: tuple[str, ...] = (".dat",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether there is no header, and the first records are such."""
        if source.suffix not in self.suffixes or parse_header(source.data).size:
            return False
        whole = min(len(source.data) // RECORD_BYTES, _SNIFF_RECORDS) * RECORD_BYTES
        words = np.frombuffer(source.data[:whole], "<u4").reshape(-1, 2)
        forwards = np.diff(words[:, 0].astype(np.int64)) >= 0
        return whole > 0 and not (words[:, 1] & _RESERVED).any() and bool(forwards.all())

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the records before the cut and a finding.

        Raises:
            FormatError: records are of another size; or, while packets are read, have bits set that
                none of these has.
        """
        header = parse_header(source.data)
        start = header.size
        if header.size:
            kind = bytes(source.data[start : start + 2])
            if len(kind) < 2 or kind[1] != RECORD_BYTES:
                _refuse(source, start, f"records of {RECORD_BYTES} bytes", kind.hex(" ") or "none")
            start += 2
        rest = (len(source.data) - start) % RECORD_BYTES
        stop = len(source.data) - rest
        sensor, findings = settle_sensor(
            source.name, sensor or header.sensor, lambda: self._extent(source, start, stop)
        )
        if rest:
            findings.append(cut_file(source.name, stop, rest))
        if stop == start:
            findings.append(no_events(source.name))
        return Recording(
            source=source.name,
            sensor=sensor,
            reader=self.name,
            zero_based=False,
            packets=self._packets(source, start, stop),
            meta=dict(header.fields),
            findings=findings,
        )

    def _packets(self, source: ByteSource, start: int, stop: int) -> Iterator[Events]:
        for at, piece in iter_pieces(source, start, stop, self.packet_events * RECORD_BYTES):
            words = np.frombuffer(piece, "<u4").reshape(-1, 2)
            bits = words[:, 1]
            odd = (bits & _RESERVED) != 0
            if odd.any():
                row = int(np.argmax(odd))
                found = f"{int(bits[row]):#010x}; bits 18–31 set: is it a .dat of Prophesee?"
                _refuse(source, at + RECORD_BYTES * row + 4, "bits of x, y and p", found)
            yield Events(
                words[:, 0].astype(np.int64),
                (bits & 0x1FF).astype(np.uint16),
                (bits >> 9 & 0xFF).astype(np.uint16),
                (bits >> 17 & 1).astype(np.uint8),
            )

    def _extent(self, source: ByteSource, start: int, stop: int) -> tuple[int, int]:
        return extent_of(self._packets(source, start, stop))


READER = TdDatReader()


def _refuse(source: ByteSource, offset: int, expected: str, found: str) -> None:
    message, hint = "not a record of kAER", "read it with the reader 'dat', or fetch it again"
    raise FormatError(
        message, path=source.name, offset=offset, expected=expected, found=found, hint=hint
    )
