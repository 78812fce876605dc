"""AEDAT files of all versions; the layouts are in `eventstore.readers.aedat`."""

import struct
from collections.abc import Iterator

import lz4.frame
import numpy as np

from eventstore.corpus.case import Case, Row, draw_events, rows_of
from eventstore.events import Events, Sensor

DVS128, DAVIS240, DAVIS346 = Sensor(128, 128), Sensor(240, 180), Sensor(346, 260)
UNIX_US = 1_696_000_000_000_000


def old_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of AEDAT 1 and 2, big-endian, addresses as jAER means them."""
    events = draw_events(rng, 300, DVS128, t_start=100)
    records = b"".join(struct.pack(">HI", _dvs128(row), row[0]) for row in rows_of(events))
    yield _case("aedat1", "dvs128", b"#!AER-DAT1.0\r\n" + records, events, DVS128, "6-byte records")
    head = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.dvs.DVS128\r\n"
    records = b"".join(struct.pack(">II", _dvs128(row), row[0]) for row in rows_of(events))
    yield _case("aedat2", "dvs128", head + records, events, DVS128, "x from the right, 0 is ON")
    head = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
    head += b"".join(b"# a line of settings, %d of 3000\r\n" % i for i in range(3000))
    events = draw_events(rng, 300, DAVIS240, t_start=100)
    words = []
    for i, (t, x, y, p) in enumerate(rows_of(events)):
        words.append((179 - y << 22 | 239 - x << 12 | p << 11, t))
        if i % 5 == 0:
            words.append((1 << 31 | int(rng.integers(1 << 10)), t))
    records = b"".join(struct.pack(">II", *word) for word in words)
    tests = "a long header; words with bit 31 set are pixels of frames, not events"
    yield _case("aedat2", "davis240", head + records, events, DAVIS240, tests)


def packet_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of AEDAT 3.1."""
    head = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"
    events = draw_events(rng, 300, DVS128, t_start=(1 << 31) - 9_000)
    data, overflow = b"", 0
    rows = rows_of(events)
    for start in range(0, 300, 50):
        valid = [(row, 1) for row in rows[start : start + 50]]
        parts = [[v for v in valid if v[0][0] >> 31 == k] for k in (0, 1)]
        for overflow, part in enumerate(parts):
            if part:
                invalid = (part[0][0], 0)
                data += _polarity_packet([part[0], invalid, *part[1:]], overflow)
        data += struct.pack("<hhiiiiii", 0, 1, 8, 4, overflow, 1, 1, 1) + bytes(8)
    tests = "31-bit stamps run over; capacity is not number; invalid events and other types"
    yield _case("aedat31", "dvs128", head + data, events, DVS128, tests)


def newest_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of AEDAT 4."""
    events = draw_events(rng, 300, DAVIS346, t_start=UNIX_US)
    for name, code in (("uncompressed", 0), ("lz4", 1)):
        data = b"#!AER-DAT4.0\r\n" + _io_header(code)
        for start in range(0, 300, 70):
            packet = _evts(rows_of(events[start : start + 70]))
            packed = lz4.frame.compress(packet) if code else packet
            data += struct.pack("<iI", 0, len(packed)) + packed
        tests = "packets of FlatBuffers without the table at the end, which need not be there"
        yield _case("aedat4", name, data, events, DAVIS346, tests)


def _case(  # noqa: PLR0917 # the columns of a table
    kind: str, name: str, data: bytes, events: Events, sensor: Sensor, tests: str
) -> Case:
    suffix = ".aedat4" if kind == "aedat4" else ".aedat"
    return Case(
        format=kind,
        name=name,
        suffix=suffix,
        data=data,
        events=events,
        sensor=sensor,
        tests=tests,
    )


def _dvs128(row: Row) -> int:
    _, x, y, p = row
    return 127 - y << 8 | 127 - x << 1 | 1 - p


def _polarity_packet(rows: list[tuple[Row, int]], overflow: int) -> bytes:
    n = len(rows)
    head = struct.pack("<hhiiiiii", 1, 1, 8, 4, overflow, n + 7, n, sum(v for _, v in rows))
    return head + b"".join(
        struct.pack("<Ii", x << 17 | y << 2 | p << 1 | valid, t & 0x7FFFFFFF)
        for (t, x, y, p), valid in rows
    )


def _io_header(compression: int) -> bytes:
    """Return the FlatBuffer IOHE: compression, no place of a table, the streams as XML."""
    xml = (
        b'<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">'
        b'<node name="0" path="/mainloop/Recorder/outInfo/0/">'
        b'<attr key="compression" type="string">LZ4</attr>'
        b'<attr key="originalModuleName" type="string">capture</attr>'
        b'<attr key="originalOutputName" type="string">events</attr>'
        b'<attr key="typeDescription" type="string">Array of events.</attr>'
        b'<attr key="typeIdentifier" type="string">EVTS</attr>'
        b'<node name="info" path="/mainloop/Recorder/outInfo/0/info/">'
        b'<attr key="sizeX" type="int">346</attr><attr key="sizeY" type="int">260</attr>'
        b'<attr key="source" type="string">DAVIS346_00000001</attr>'
        b"</node></node></node></dv>"
    )
    table = struct.pack("<HHHHHH", 10, 12, 4, 0, 8, 0)  # sizes, then where each field is
    table += struct.pack("<iiI", 12, compression, 4)
    text = struct.pack("<I", len(xml)) + xml + b"\0"
    return _prefixed(struct.pack("<I4s", 20, b"IOHE") + table + text)


def _evts(rows: list[Row]) -> bytes:
    """Return the FlatBuffer EVTS: one vector of 16-byte events."""
    table = struct.pack("<HHHH", 6, 8, 4, 0) + struct.pack("<iI", 8, 12)
    events = b"".join(struct.pack("<qhh?3x", t, x, y, p) for t, x, y, p in rows)
    vector = bytes(8) + struct.pack("<I", len(rows)) + events
    return _prefixed(struct.pack("<I4s", 16, b"EVTS") + table + vector)


def _prefixed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data
