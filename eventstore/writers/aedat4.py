"""Write AEDAT4 (``.aedat4``), events with frames, IMU samples and triggers, as DV does.

`eventstore.readers.aedat.aedat4_file` draws the container, `eventstore.writers.aedat4_buffers` what
is in it. Packets of all streams are merged by the time of their first row, and a table of them
stands at the end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from struct import pack
from typing import BinaryIO, Literal, NamedTuple
from xml.sax.saxutils import escape

import lz4.frame
import zstandard

from eventstore.events import Events, Sensor
from eventstore.plugin_options import option
from eventstore.readers.aedat.aedat4_file import COMPRESSIONS, MAGIC
from eventstore.readers.protocol import SideStreams
from eventstore.side import SideTable
from eventstore.writers.aedat4_buffers import (
    encode_events,
    encode_frame,
    encode_header,
    encode_imu,
    encode_table,
    encode_triggers,
)
from eventstore.writers.prophesee import check_camera, check_events
from eventstore.writers.protocol import whole_file

PACKET_EVENTS = 10_000
"""Events in a packet, as many as DV writes."""

PACKET_ROWS = 1_000
"""IMU samples or triggers in a packet."""

STREAMS: Mapping[str, tuple[int, str]] = {
    "events": (0, "EVTS"), "frames": (1, "FRME"), "imu": (2, "IMUS"), "triggers": (3, "TRIG"),
}  # fmt: skip
"""Number and type of each stream, as DV numbers them."""

COORDINATE_LIMIT = 1 << 15


class Buffer(NamedTuple):
    """One packet before it is compressed.

    Args:
        first: time of its first row.
        last: time of its last row.
        stream: number of its stream.
        rows: how many it has.
        data: the FlatBuffer.
    """

    first: int
    last: int
    stream: int
    rows: int
    data: bytes | bytearray


@dataclass(frozen=True, slots=True, kw_only=True)
class Aedat4Writer:
    """Writer of AEDAT4 files.

    Args:
        compression: of the packets; LZ4 is what DV writes and every reader knows.
    """

    compression: Literal["LZ4", "ZSTD", "NONE"] = option("LZ4", "how packets are compressed")
    name: str = "aedat4"
    suffixes: tuple[str, ...] = (".aedat4",)
    side_kinds: tuple[str, ...] = ("frames", "imu", "triggers")

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,
        side: SideStreams | None = None,
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Of the metadata, ``source`` names the camera and ``tsOffset`` is kept. IMU samples are
        written in g and °/s, so that reading gives them again to 1 part in 10⁷; exactly, where they
        come from such a file.

        Raises:
            InvalidInput: the recording is audio, an event has coordinates beyond 32,767, a frame
                is larger than that, or a trigger is none that AEDAT4 knows.
        """
        check_camera(sensor, "AEDAT4")
        kept = {kind: make for kind, make in (side or {}).items() if kind in STREAMS}
        xml = _describe(self.compression, sensor, meta or {}, ["events", *kept])
        header, table_at = encode_header(COMPRESSIONS.index(self.compression), xml)
        streams = [
            _iter_events(packets),
            *(_iter_side(kind, make()) for kind, make in kept.items()),
        ]
        with whole_file(path) as file:
            file.write(MAGIC + header)
            table = self._write_packets(file, merge(*streams, key=lambda buffer: buffer.first))
            end = file.tell()
            file.write(self._compress(table))
            file.seek(len(MAGIC) + table_at)
            file.write(pack("<q", end))

    def _write_packets(self, file: BinaryIO, buffers: Iterable[Buffer]) -> bytes:
        """Write packets and return the table of them."""
        definitions = []
        for buffer in buffers:
            body = self._compress(buffer.data)
            file.write(pack("<iI", buffer.stream, len(body)))
            definitions.append(
                (buffer.stream, len(body), file.tell(), buffer.rows, buffer.first, buffer.last)
            )
            file.write(body)
        return encode_table(definitions)

    def _compress(self, data: bytes | bytearray) -> bytes | bytearray:
        if self.compression == "NONE":
            return data
        if self.compression == "ZSTD":
            return zstandard.compress(data, 3)
        packed: bytes = lz4.frame.compress(data, store_size=False)
        return packed


def _iter_events(packets: Iterable[Events]) -> Iterator[Buffer]:
    """Encode events, small packets joined and large ones cut."""
    pending: list[Events] = []
    n, rows = 0, 0
    for packet in packets:
        check_events(packet, rows, COORDINATE_LIMIT, "AEDAT4")
        rows += len(packet)
        for at in range(0, len(packet), PACKET_EVENTS):
            part = packet[at : at + PACKET_EVENTS]
            if n + len(part) > PACKET_EVENTS:
                yield _event_buffer(pending)
                pending, n = [], 0
            pending.append(part)
            n += len(part)
    if n:
        yield _event_buffer(pending)


def _event_buffer(parts: list[Events]) -> Buffer:
    events = Events.concatenate(parts) if len(parts) > 1 else parts[0]
    data = encode_events(events)
    return Buffer(int(events.t[0]), int(events.t[-1]), STREAMS["events"][0], len(events), data)


def _iter_side(kind: str, tables: Iterator[SideTable]) -> Iterator[Buffer]:
    """Encode the rows of a side stream, each frame in a packet of its own."""
    step = 1 if kind == "frames" else PACKET_ROWS
    for table in tables:
        for at in range(0, len(table), step):
            part = table.rows(at, min(at + step, len(table)))
            t = part.columns["t"]
            if kind == "frames":
                data = encode_frame(part, 0)
            else:
                data = encode_imu(part) if kind == "imu" else encode_triggers(part)
            yield Buffer(int(t[0]), int(t[-1]), STREAMS[kind][0], len(part), data)


def _describe(compression: str, sensor: Sensor, meta: Mapping[str, str], kinds: list[str]) -> str:
    """Return the XML that names the streams."""
    nodes = []
    for kind in sorted(kinds, key=lambda kind: STREAMS[kind]):
        number, identifier = STREAMS[kind]
        path = f"/outInfo/{number}/"
        said = {
            "compression": compression,
            "originalModuleName": "spikelake",
            "originalOutputName": kind,
            "typeIdentifier": identifier,
        }
        facts = {"source": ("string", meta.get("source", "") or "unknown")}
        if kind in {"events", "frames"}:
            facts |= {"sizeX": ("int", str(sensor.width)), "sizeY": ("int", str(sensor.height))}
        if meta.get("tsOffset", "").isdigit():
            facts["tsOffset"] = ("long", meta["tsOffset"])
        nodes += [
            f'<node name="{number}" path="{path}">',
            *(_attribute(key, "string", value) for key, value in said.items()),
            f'<node name="info" path="{path}info/">',
            *(_attribute(key, *typed) for key, typed in facts.items()),
            "</node></node>",
        ]
    inner = "\n".join(nodes)
    return f'<dv version="2.0">\n<node name="outInfo" path="/outInfo/">\n{inner}\n</node>\n</dv>\n'


def _attribute(key: str, kind: str, value: str) -> str:
    printable = "".join(letter for letter in value if letter.isprintable())
    return f'<attr key="{key}" type="{kind}">{escape(printable)}</attr>'


WRITER = Aedat4Writer()
