r"""Read Event Stream files (``.es``), version 2, of the types DVS and ATIS.

Twelve bytes ``Event Stream``, three of the version, one of the type, then width and height (u16,
little-endian). Then bytes (the format's description, github.com/neuromorphic-paris/event_stream)::

    DVS     t: 7 bits, on: 1                             and x, y as u16, little-endian
            1111111 1   127 µs pass       1111111 0      nothing (a reset)
    ATIS    t: 6 bits, polarity: 1, crossing: 1          and x, y as u16, little-endian
            111111 k    63 · k µs pass; k = 0 is a reset

Times are counted from the event before. The format's y runs upwards from the bottom row; events
have theirs downwards from the top, as everywhere here. ATIS threshold crossings are measurements of
exposure, no changes: they are counted and left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.jit import kernel
from eventstore.readers.geometry import cut_file, no_events
from eventstore.readers.mapped import RELEASE_BYTES, forget
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

MAGIC = b"Event Stream"
VERSION = 2
GENERIC, DVS, ATIS, DISPLAY, COLOR = range(5)
NAMES = {GENERIC: "generic", DVS: "DVS", ATIS: "ATIS", DISPLAY: "display", COLOR: "color"}

HEADER_BYTES = 20
EVENT_BYTES = 5

NOTHING, OFF, ON, CROSSING = range(4)
"""What a byte begins."""

_16: Any = np.uint16
_INT: Any = np.int64


def byte_tables(kind: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by how many µs each first byte moves the clock, and what it begins.

    Examples:
        >>> steps, begins = byte_tables(DVS)
        >>> steps[[3, 255, 254]].tolist(), begins[[3, 255, 254]].tolist()
        ([1, 127, 0], [2, 0, 0])
    """
    byte = np.arange(256)
    if kind == DVS:
        steps, begins = byte >> 1, np.where(byte & 1, ON, OFF)
        steps[0xFE], begins[0xFE:] = 0, NOTHING
    else:
        steps, begins = byte >> 2, np.where(byte & 1, CROSSING, np.where(byte & 2, ON, OFF))
        steps[0xFC:], begins[0xFC:] = 63 * np.arange(4), NOTHING
    return steps.astype(np.int64), begins.astype(np.uint8)


@kernel
def decode_bytes(
    raw: np.ndarray,
    tables: tuple[np.ndarray, np.ndarray],
    height: int,
    clock: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, int, int, int]:
    """Decode bytes until they end, an event among them does not, or the columns are full.

    Args:
        raw: the bytes, from the beginning of an event on.
        tables: as `byte_tables` returns them.
        height: number of rows, to count them from the top.
        clock: time of the event before.
        columns: t, x, y, p.

    Returns the number of events, of bytes used, the clock, the number of threshold crossings, and
    where an event with a row beyond the height begins, or -1.
    """
    t, x, y, p = columns
    steps, begins = tables
    n, at, crossings = 0, 0, 0
    while at < len(raw) and n < len(t):
        byte = raw[at]
        kind = begins[byte]
        if kind == NOTHING:
            clock += steps[byte]
            at += 1
            continue
        if at + EVENT_BYTES > len(raw):
            break
        clock += steps[byte]
        row = _INT(raw[at + 3]) | (_INT(raw[at + 4]) << 8)
        if row >= height:
            return n, at, clock, crossings, at
        t[n] = clock
        x[n] = _16(raw[at + 1]) | (_16(raw[at + 2]) << _16(8))
        y[n] = height - 1 - row
        p[n] = kind - OFF
        at += EVENT_BYTES
        if kind == CROSSING:
            crossings += 1
        else:
            n += 1
    return n, at, clock, crossings, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class EsReader(OneRecording):
    """Reader of Event Stream files.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "es"
    suffixes: tuple[str, ...] = (".es",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix is .es and the file begins as the format does."""
        return source.suffix in self.suffixes and bytes(source.data[: len(MAGIC)]) == MAGIC

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: a version, type or geometry that cannot be read; or, while packets are
                read, a row beyond the height that the file states.
        """
        kind, stated = _read_head(source)
        findings: list[Finding] = []
        return Recording(
            source=source.name,
            sensor=sensor or stated,
            reader=self.name,
            zero_based=True,
            packets=self._packets(source, kind, stated.height, findings),
            meta={"type": NAMES[kind]},
            findings=findings,
        )

    def _packets(
        self, source: ByteSource, kind: int, height: int, findings: list[Finding]
    ) -> Iterator[Events]:
        raw, tables = np.frombuffer(source.data, np.uint8), byte_tables(kind)
        at, kept, clock, rows, crossings = HEADER_BYTES, HEADER_BYTES, 0, 0, 0
        used = 1
        while used and at < len(raw):
            left = (len(raw) - at) // EVENT_BYTES
            packet = Events.blank(max(1, min(self.packet_events, left)))
            piece = raw[at : at + RELEASE_BYTES]
            n, used, clock, more, bad = decode_bytes(piece, tables, height, clock, packet.arrays())
            if bad >= 0:
                raise _bad_row(source, at + bad, height)
            at, rows, crossings = at + used, rows + n, crossings + more
            if at - kept >= RELEASE_BYTES:
                forget(source, kept, at)
                kept = at
            if n:
                yield packet[:n]
        findings += _leftovers(source.name, at, len(raw) - at, crossings)
        if not rows:
            findings.append(no_events(source.name))


READER = EsReader()


def _read_head(source: ByteSource) -> tuple[int, Sensor]:
    head = bytes(source.data[:HEADER_BYTES])
    if not head.startswith(MAGIC):
        raise _head_error(source, 0, repr(MAGIC.decode()), repr(head[:12]))
    if len(head) < HEADER_BYTES:
        wanted = f"a header of {HEADER_BYTES} bytes"
        raise _head_error(source, len(head), wanted, "the end of the file")
    version = ".".join(map(str, head[12:15]))
    if head[12] != VERSION:
        raise _head_error(source, 12, f"version {VERSION}", f"version {version}")
    kind, width, height = head[15], *(int(v) for v in np.frombuffer(head[16:20], "<u2"))
    if kind not in {DVS, ATIS}:
        found = NAMES.get(kind, f"{kind:#04x}")
        raise _head_error(source, 15, "events of type DVS or ATIS", f"type {found}")
    if not width or not height:
        raise _head_error(source, 16, "a width and a height", f"{width}×{height}")
    return kind, Sensor(width, height)


def _head_error(source: ByteSource, offset: int, expected: str, found: str) -> FormatError:
    message = "no Event Stream that can be read"
    hint = (
        "only changes of brightness of version 2 can be read: convert the file, or fetch it again"
    )
    return FormatError(
        message, path=source.name, offset=offset, expected=expected, found=found, hint=hint
    )


def _bad_row(source: ByteSource, at: int, height: int) -> FormatError:
    row = int.from_bytes(source.data[at + 3 : at + 5], "little")
    message = "event outside the sensor"
    hint = "the file is damaged from here on: fetch it again"
    return FormatError(
        message,
        path=source.name,
        offset=at,
        expected=f"y < {height}",
        found=f"y = {row}",
        hint=hint,
    )


def _leftovers(name: str, at: int, rest: int, crossings: int) -> list[Finding]:
    findings = [cut_file(name, at, rest)] if rest else []
    if crossings:
        findings.append(
            Finding(
                severity=Severity.INFO,
                where=name,
                message=f"{crossings} threshold crossings (measurements of exposure) are left out",
                check="other-words",
            )
        )
    return findings
