"""Read Prophesee's DAT files (``.dat``), of the event types CD and the older 2D.

After the text header come two bytes, event type and event size; then 8-byte records,
little-endian::

    t u32 µs | x bits 0–13, y bits 14–27, p bits 28–31

Stamps wrap after 2^32 µs, 71 minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt32

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.readers.prophesee import Scan, make_recording, parse_header, unknown_word
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

EVENT_TYPES = {0x00: "2D", 0x0C: "CD"}
RECORD_BYTES = 8
WRAP_US = 1 << 32


@kernel
def scan_records(words: np.ndarray) -> tuple[int, int, int]:
    """Return the largest x and y, and the first record whose polarity is not 0 or 1, or -1."""
    x_max, y_max, bad = -1, -1, -1
    for i in range(len(words) // 2):
        address = int(words[2 * i + 1])
        x_max = max(x_max, address & 0x3FFF)
        y_max = max(y_max, (address >> 14) & 0x3FFF)
        if bad < 0 and address >> 28 > 1:
            bad = i
    return x_max, y_max, bad


@kernel
def decode_records(
    words: np.ndarray,
    base: int,
    last: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int]:
    """Decode records into columns; return the time base and the last stamp for the next part."""
    t, x, y, p = columns
    for i in range(len(t)):
        stamp, address = int(words[2 * i]), int(words[2 * i + 1])
        if last - stamp > WRAP_US // 2:  # a small step back is the sensor's, a large one a wrap
            base += WRAP_US
        last = stamp
        t[i] = base + stamp
        x[i] = address & 0x3FFF
        y[i] = (address >> 14) & 0x3FFF
        p[i] = address >> 28
    return base, last


def iter_packets(words: UInt32[np.ndarray, " words"], packet_events: int) -> Iterator[Events]:
    """Decode records in packets of at most ``packet_events`` events."""
    base, last = 0, 0
    for start in range(0, len(words), 2 * packet_events):
        part = words[start : start + 2 * packet_events]
        packet = Events.empty(len(part) // 2)
        base, last = decode_records(part, base, last, packet.arrays())
        yield packet


@dataclass(frozen=True, slots=True, kw_only=True)
class DatReader(OneRecording):
    """Reader of DAT files.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "dat"
    suffixes: tuple[str, ...] = (".dat",)
    zero_based: bool = False

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .dat and a header of the format stands at the beginning."""
        if source.suffix not in self.suffixes:
            return False
        at = parse_header(source.data).size
        return at > 0 and bytes(source.data[at : at + 2]) in {
            bytes([kind, RECORD_BYTES]) for kind in EVENT_TYPES
        }

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the records before the cut and a finding.

        Raises:
            FormatError: the event type is unknown, a polarity is, or an event lies outside.
        """
        header = parse_header(source.data)
        kind = bytes(source.data[header.size : header.size + 2])
        if len(kind) < 2 or kind[0] not in EVENT_TYPES or kind[1] != RECORD_BYTES:
            known = ", ".join(f"{code:#04x} {name}" for code, name in EVENT_TYPES.items())
            message = "unknown kind of event"
            raise FormatError(
                message,
                path=source.name,
                offset=header.size,
                expected=f"type {known} and size {RECORD_BYTES}",
                found=kind.hex(" ") or "the end of the file",
                hint="only files of camera events can be read; is it a .dat of Prophesee?",
            )
        start = header.size + 2
        rest = (len(source.data) - start) % RECORD_BYTES
        words = np.frombuffer(source.data[start : len(source.data) - rest], "<u4")
        x_max, y_max, bad = scan_records(words)
        if bad >= 0:
            polarity = int(words[2 * bad + 1]) >> 28
            offset = start + RECORD_BYTES * bad
            raise unknown_word(source, offset, f"polarity {polarity}", "polarity 0 or 1")
        scan = Scan(events=len(words) // 2, x_max=x_max, y_max=y_max)
        packets = iter_packets(words, self.packet_events)
        return make_recording(
            source, header, scan, packets, reader=self.name, sensor=sensor, rest=rest
        )


READER = DatReader()
