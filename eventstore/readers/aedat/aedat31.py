"""Read AEDAT 3 (``.aedat``), the recordings of cAER: 3.1, and 3.0 where the camera is known.

`eventstore.readers.aedat.aedat31_file` draws the packets. A polarity event has 8 bytes,
little-endian, and its origin in the upper left corner (in AEDAT 3.0 in the lower left one)::

    u32: x bits 17–31 | y bits 2–16 | polarity bit 1, 1 = ON | valid bit 0      i32 stamp
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.jit import kernel
from eventstore.readers.aedat.aedat31_file import (
    Source,
    bad_packet,
    iter_packets,
    read_header,
    sources_of,
)
from eventstore.readers.aedat.aedat31_side import iter_frames, iter_imu, iter_triggers
from eventstore.readers.aedat.text_header import MAGIC
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

POLARITY = 1
EVENT_BYTES = 8


@kernel
def decode_events(
    words: np.ndarray,
    base: int,
    at: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """Decode valid events, two words each, into columns from row ``at`` on; return the next."""
    t, x, y, p = columns
    for i in range(0, len(words) - 1, 2):
        data = words[i]
        if data & 1:
            t[at] = base + words[i + 1]
            x[at] = data >> 17
            y[at] = (data >> 2) & 0x7FFF
            p[at] = (data >> 1) & 1
            at += 1
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """Where the polarity events of a recording are.

    Args:
        source: the file.
        start: place of the first packet.
        number: id of their source; None for all.
        y_last: row at the bottom, where rows are counted from there; -1 otherwise.
        packet_events: most events in one packet.
    """

    source: ByteSource
    start: int
    number: int | None
    y_last: int
    packet_events: int


def iter_events(polarity: Polarity, findings: list[Finding]) -> Iterator[Events]:
    """Decode polarity events in packets; those marked as invalid are left out and told.

    Raises:
        FormatError: a packet is damaged.
    """
    room, source = polarity.packet_events, polarity.source
    packet, filled, seen, kept = Events.empty(room), 0, 0, 0
    for stored in iter_packets(source, polarity.start, (POLARITY,), findings):
        if stored.event_bytes != EVENT_BYTES:
            found = f"{stored.event_bytes} bytes each"
            raise bad_packet(source, stored.offset, f"events of {EVENT_BYTES} bytes", found)
        if polarity.number not in {None, stored.source}:
            continue
        words = np.frombuffer(stored.body, "<u4")
        while len(words):
            now = words[: 2 * (room - filled)]
            before, words = filled, words[len(now) :]
            filled = decode_events(now, stored.base_us, filled, packet.arrays())
            seen, kept = seen + len(now) // 2, kept + filled - before
            if filled == room:
                yield _turned(packet, polarity.y_last)
                packet, filled = Events.empty(room), 0
    if filled:
        yield _turned(packet[:filled], polarity.y_last)
    if seen > kept:
        message = f"{seen - kept:,} events are marked as invalid and left out"
        findings.append(_finding(source, message, "invalid-events"))
    if not kept:
        findings.append(no_events(source.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aedat31Reader:
    """Reader of AEDAT 3; each source of events in a file is a recording.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "aedat31"
    suffixes: tuple[str, ...] = (".aedat", ".aedat3")
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the first line names version 3."""
        begins = MAGIC + b"3."
        return source.suffix in self.suffixes and bytes(source.data[: len(begins)]) == begins

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the sources by number, where the header names several."""
        return _parts_of(sources_of(read_header(source)))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: the file is compressed, or is AEDAT 3.0 of an unknown camera; while
                packets are read, one of them is damaged.
            NotFound: there is no such source.
        """
        header = read_header(source)
        sources = sources_of(header)
        parts = _parts_of(sources)
        chosen = parts.index(choose_part(source, parts))
        mine = sources[chosen] if sources else Source(number=-1, name="", sensor=None)
        number = mine.number if len(sources) > 1 else None
        upwards = header.version == "3.0"
        stated = sensor or mine.sensor
        if upwards and stated is None:
            raise _unknown_camera(source, mine)
        polarity = Polarity(
            source=source,
            start=header.size,
            number=number,
            y_last=(mine.sensor or stated).height - 1 if upwards and stated else -1,
            packet_events=self.packet_events,
        )
        settled, findings = settle_sensor(source.name, stated, lambda: _extent(polarity))
        side: SideStreams = {
            "frames": partial(iter_frames, source, header.size, number, upwards=upwards),
            "imu": partial(iter_imu, source, header.size, number),
            "triggers": partial(iter_triggers, source, header.size, number),
        }
        return Recording(
            source=source.name,
            sensor=settled,
            reader=self.name,
            zero_based=False,
            packets=iter_events(polarity, findings),
            meta={**header.fields, "source": mine.name},
            side=side,
            findings=findings,
        )


def _parts_of(sources: list[Source]) -> Sequence[Part]:
    return [Part(name=str(s.number)) for s in sources] if len(sources) > 1 else (WHOLE,)


def _turned(packet: Events, y_last: int) -> Events:
    if y_last >= 0:
        packet.y[:] = np.uint16(y_last) - packet.y
    return packet


def _extent(polarity: Polarity) -> tuple[int, int]:
    return extent_of(iter_events(polarity, []))


def _unknown_camera(source: ByteSource, camera: Source) -> FormatError:
    message = "AEDAT 3.0 counts rows from the bottom, and the height of the camera is not known"
    hint = "give the sensor's width and height"
    return FormatError(message, path=source.name, offset=0, found=repr(camera.name), hint=hint)


def _finding(source: ByteSource, message: str, check: str) -> Finding:
    return Finding(severity=Severity.INFO, where=source.name, message=message, check=check)


READER = Aedat31Reader()
