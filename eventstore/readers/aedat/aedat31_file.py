"""The container of AEDAT 3: a text header, then packets of one type of event from one source.

All little-endian (https://docs.inivation.com, AEDAT 3.1; ``events/common.h`` of libcaer)::

    i16 type | i16 source | i32 bytes of an event | i32 offset of its stamp
    | i32 overflow | i32 capacity | i32 number | i32 valid | number events

A stamp is 31 bits of µs; the packet's overflow counts how often it ran over. The lowest bit of an
event's first byte says that it is valid. In a file only ``number`` events follow.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.aedat.address_maps import ADDRESS_MAPS, named_map
from eventstore.readers.aedat.text_header import TextHeader, parse_header
from eventstore.readers.geometry import cut_file
from eventstore.readers.mapped import RELEASE_BYTES, forget
from eventstore.readers.protocol import ByteSource

OVERFLOW_BITS = 31

TYPES: Final = ("special", "polarity", "frame", "IMU6", "IMU9")
"""Types of events that are read, by number."""

_HEAD = Struct("<hhiiiiii")
_SOURCE = re.compile(r"Source (\d{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source of events that the header names.

    Args:
        number: its id, that packets carry.
        name: what it is, such as ``DVS128``.
        sensor: geometry of that camera; None for an unknown one.
    """

    number: int
    name: str
    sensor: Sensor | None


class Packet(NamedTuple):
    """One packet of events.

    Args:
        offset: where its header stands in the file.
        kind: type of its events: place in `TYPES`.
        source: id of its source.
        event_bytes: bytes of an event.
        base_us: what is added to stamps, in µs.
        body: its events.
    """

    offset: int
    kind: int
    source: int
    event_bytes: int
    base_us: int
    body: memoryview


def read_header(source: ByteSource) -> TextHeader:
    """Read the header of a file.

    Raises:
        FormatError: it is of another version or format, or its header does not end.
    """
    header = parse_header(source.data)
    encoding = header.fields.get("Format", "RAW").upper()
    if not header.version.startswith("3.") or encoding not in {"RAW", "0X00", "0"}:
        message = "unknown kind of file"
        raise FormatError(
            message,
            path=source.name,
            offset=0,
            expected="AEDAT 3 in the format RAW",
            found=f"version {header.version or 'none'}, format {encoding}",
            hint="record or convert it without compression, or name the reader of another format",
        )
    if not header.ended and header.version != "3.0" and header.size < len(source.data):
        message = "the header does not end"
        raise FormatError(
            message,
            path=source.name,
            offset=header.size,
            expected="another line that begins with #, or #!END-HEADER",
            found=repr(bytes(source.data[header.size : header.size + 24])),
            hint="each line of the header begins with #, the last one is #!END-HEADER",
        )
    return header


def sources_of(header: TextHeader) -> list[Source]:
    r"""Return the sources of events, in order; past ones, named with a minus, are no more.

    Examples:
        >>> header = parse_header(memoryview(b"#!AER-DAT3.1\n#Source 1: DVS128\n"))
        >>> sources_of(header)[0].sensor.shape
        (2, 128, 128)
    """
    found = []
    for key, name in header.fields.items():
        numbered = _SOURCE.fullmatch(key)
        if numbered:
            found.append(Source(number=int(numbered[1]), name=name, sensor=_sensor_of(name)))
    return found


def iter_packets(
    source: ByteSource, start: int, wanted: Collection[int], findings: list[Finding]
) -> Iterator[Packet]:
    """Walk over a file and give the packets of some types.

    Args:
        source: the file.
        start: place of the first packet.
        wanted: types of events.
        findings: gets one, at the end, if the file is cut.

    Raises:
        FormatError: a packet's header cannot be.
    """
    at = kept = start
    end, others = len(source.data), set[int]()
    while at + _HEAD.size <= end:
        kind, number, size, _, overflow, _, events, _ = _HEAD.unpack_from(source.data, at)
        if min(kind, number, overflow, events) < 0 or size < 4:
            found = f"type {kind}, source {number}, {events} events of {size}, overflow {overflow}"
            raise bad_packet(source, at, "no negative number, and events of 4 bytes or more", found)
        if kind >= len(TYPES):
            others.add(kind)
        body = at + _HEAD.size
        whole = min(events, (end - body) // size)
        if kind in wanted and whole:
            part = source.data[body : body + whole * size]
            yield Packet(at, kind, number, size, overflow << OVERFLOW_BITS, part)
        if whole < events:
            break
        at = body + events * size
        if at - kept >= RELEASE_BYTES:
            forget(source, kept, at)
            kept = at
    forget(source, kept, end)
    if at < end:
        findings.append(cut_file(source.name, at, end - at, "packet"))
    if others:
        findings.append(_other_types(source, sorted(others)))


def bad_packet(source: ByteSource, offset: int, expected: str, found: str) -> FormatError:
    """Return the error that a packet is damaged."""
    message = "bad packet"
    hint = "the file is damaged: fetch it again, or cut it off here to keep what lies before"
    return FormatError(
        message, path=source.name, offset=offset, expected=expected, found=found, hint=hint
    )


def _other_types(source: ByteSource, kinds: list[int]) -> Finding:
    message = f"events of these types are not read: {', '.join(map(str, kinds))}"
    return Finding(
        severity=Severity.INFO, where=source.name, message=message, check="other-streams"
    )


def _sensor_of(name: str) -> Sensor | None:
    if "cochlea" in name.lower():
        return None
    if name.upper().startswith("EDVS"):
        return ADDRESS_MAPS["dvs128"].sensor
    bits = named_map(name, {"HardwareInterface": name})
    return None if bits is None else bits.sensor
