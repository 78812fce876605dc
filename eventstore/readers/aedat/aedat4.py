"""Read AEDAT4 (``.aedat4``), the recordings of DV: events, frames, IMU samples and triggers.

`eventstore.readers.aedat.aedat4_file` draws the container. The events of a packet are a vector of
16-byte structs, little-endian::

    t i64 µs (of Unix time in recordings of cameras) | x i16 | y i16 | on u8 | 3 bytes of nothing
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.jit import kernel
from eventstore.readers.aedat.aedat4_file import (
    MAGIC,
    Header,
    Stream,
    bad_packet,
    iter_packets,
    read_header,
    unpack,
)
from eventstore.readers.aedat.aedat4_side import SIDE_OF_KIND, iter_side
from eventstore.readers.aedat.flatbuffer import find_root, find_vector
from eventstore.readers.geometry import extent_of, no_events, settle_sensor
from eventstore.readers.protocol import (
    PACKET_EVENTS,
    WHOLE,
    ByteSource,
    Part,
    Recording,
    SideStreams,
    choose_part,
)

EVENT_BYTES = 16


@kernel
def decode_events(
    words: np.ndarray, at: int, columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
) -> None:
    """Decode events, two 64-bit words each, into columns from row ``at`` on."""
    t, x, y, p = columns
    for i in range(len(words) // 2):
        rest = words[2 * i + 1]
        t[at + i] = words[2 * i]
        x[at + i] = rest & 0xFFFF
        y[at + i] = (rest >> 16) & 0xFFFF
        p[at + i] = (rest >> 32) & 0xFF != 0


def iter_events(
    source: ByteSource,
    header: Header,
    number: int,
    findings: list[Finding],
    packet_events: int = PACKET_EVENTS,
) -> Iterator[Events]:
    """Decode one stream of events in packets of at most ``packet_events`` events.

    Raises:
        FormatError: a packet is damaged.
    """
    packet, filled, some = Events.empty(packet_events), 0, False
    for stored in iter_packets(source, header, {number}, findings):
        data = unpack(source, header, stored, "EVTS")
        start, count = find_vector(data, find_root(data), 0, EVENT_BYTES)
        if start < 0:
            expected, found = "events in the packet", "an offset that leads out of it"
            raise bad_packet(source, stored.offset, expected, found)
        words = np.require(np.frombuffer(data, "<i8", 2 * count, start), requirements="A")
        while len(words):
            now = words[: 2 * (packet_events - filled)]
            decode_events(now, filled, packet.arrays())
            filled += len(now) // 2
            words = words[len(now) :]
            if filled == packet_events:
                yield packet
                packet, filled, some = Events.empty(packet_events), 0, True
    if filled:
        yield packet[:filled]
    elif not some:
        findings.append(no_events(source.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aedat4Reader:
    """Reader of AEDAT4 files; each stream of events in one is a recording.

    Side streams are those of the same camera. Units of the IMU become SI: 1 g is 9.80665 m/s²; a
    magnetometer that is 0 µT on all axes is absent.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "aedat4"
    suffixes: tuple[str, ...] = (".aedat4", ".aedat")
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the file begins as the format demands."""
        return source.suffix in self.suffixes and bytes(source.data[: len(MAGIC)]) == MAGIC

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the streams of events: by camera, or by their own names."""
        return _parts_of(read_header(source))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the packets before the cut and a finding.

        Raises:
            FormatError: the header is bad; while packets are read, one of them is.
            NotFound: there is no such stream of events.
        """
        header = read_header(source)
        parts = _parts_of(header)
        at = parts.index(choose_part(source, parts))
        stream = (_of_kind(header, "EVTS") or [Stream(number=-1, kind="EVTS", facts={})])[at]
        side, findings = _side_of(source, header, stream)
        number = stream.number
        settled, assumed = settle_sensor(
            source.name, sensor or stream.sensor, lambda: _extent(source, header, number)
        )
        findings += assumed
        return Recording(
            source=source.name,
            sensor=settled,
            reader=self.name,
            zero_based=False,
            packets=iter_events(source, header, number, findings, self.packet_events),
            meta={"compression": header.compression, "stream": stream.name, **stream.facts},
            side=side,
            findings=findings,
        )


def _of_kind(header: Header, kind: str) -> list[Stream]:
    return [stream for stream in header.streams if stream.kind == kind]


def _parts_of(header: Header) -> Sequence[Part]:
    """Name streams of events by what tells them apart: the camera, the output, or the id."""
    streams = _of_kind(header, "EVTS")
    if len(streams) <= 1:
        return (WHOLE,)
    for names in ([s.camera for s in streams], [s.name for s in streams]):
        if all(names) and len(set(names)) == len(names):
            return [Part(name=name) for name in names]
    return [Part(name=str(stream.number)) for stream in streams]


def _side_of(
    source: ByteSource, header: Header, stream: Stream
) -> tuple[SideStreams, list[Finding]]:
    """Return the first stream of each kind of the same camera, and a finding of those left out."""
    several = len(_of_kind(header, "EVTS")) > 1
    side, left = {}, []
    for other in header.streams:
        kind = SIDE_OF_KIND.get(other.kind)
        mine = not several or other.camera == stream.camera
        if kind is not None and mine and kind not in side:
            side[kind] = partial(iter_side, source, other.kind, other.number)
        elif other.kind != "EVTS" and mine:
            left.append(f"{other.number} {other.name} ({other.kind})")
    if not left:
        return side, []
    finding = Finding(
        severity=Severity.INFO,
        where=source.name,
        message=f"streams that are not read: {', '.join(left)}",
        check="other-streams",
    )
    return side, [finding]


def _extent(source: ByteSource, header: Header, number: int) -> tuple[int, int]:
    return extent_of(iter_events(source, header, number, []))


READER = Aedat4Reader()
