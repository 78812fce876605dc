"""Bags of ROS written record by record; the layouts are in `eventstore.readers.ros`."""

import struct
from collections.abc import Iterator

import numpy as np

from eventstore.corpus.case import Case, draw_events, rows_of
from eventstore.corpus.evt3 import Words
from eventstore.events import Events, Sensor

VGA = Sensor(640, 480)
EPOCH_US = 1_675_956_550_000_000


def ros1_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of ROS 1."""
    events = draw_events(rng, 300, VGA, t_start=EPOCH_US)
    parts = [events[i : i + 90] for i in range(0, 300, 90)]
    kind = "dvs_msgs/EventArray"
    yield _bag1("dvs-msgs", kind, [_array(e, cdr=False) for e in parts], events, "13-byte events")
    words, rows = Words(), draw_events(rng, 300, VGA, t_start=7_000_000)
    for row in rows_of(rows):
        words.event(row)
    payload = np.array(words.words, "<u2").tobytes()
    pieces = [payload[i : i + 200] for i in range(0, len(payload), 200)]
    tests = "EVT3 words, whose state goes on from message to message"
    kind = "event_camera_msgs/EventPacket"
    yield _bag1("evt3-packets", kind, [_packet(piece) for piece in pieces], rows, tests)


def ros2_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of ROS 2."""
    events = draw_events(rng, 300, VGA, t_start=EPOCH_US)
    parts = [events[i : i + 91] for i in range(0, 300, 91)]
    records = _mcap_record(3, struct.pack("<H", 1) + _text("dvs_msgs/msg/EventArray") + bytes(8))
    channel = struct.pack("<HH", 1, 1) + _text("/dvs/events") + _text("cdr") + bytes(4)
    records += _mcap_record(4, channel)
    for part in parts:
        head = struct.pack("<HIQQ", 1, 0, 0, 0)
        records += _mcap_record(5, head + b"\0\1\0\0" + _array(part, cdr=True))
    magic = b"\x89MCAP0\r\n"
    end = _mcap_record(15, bytes(4)) + _mcap_record(2, bytes(20))
    yield Case(
        format="ros2",
        name="dvs-msgs",
        suffix=".mcap",
        data=magic + _mcap_record(1, _text("ros2") + _text("")) + records + end + magic,
        events=events,
        sensor=VGA,
        tests="CDR aligns the fields of each event, so that records lie 14, then 16 bytes apart",
    )


def _text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode()


def _mcap_record(kind: int, data: bytes) -> bytes:
    return struct.pack("<BQ", kind, len(data)) + data


def _array(events: Events, *, cdr: bool) -> bytes:
    first = int(events.t[0])
    stamp = struct.pack("<II", first // 10**6, first % 10**6 * 1000)
    out = bytearray(stamp + struct.pack("<I4s", 4, b"cam\0")) if cdr else bytearray()
    if not cdr:
        out += struct.pack("<I", 1) + stamp + _text("cam")
    out += struct.pack("<III", VGA.height, VGA.width, len(events))
    for t, x, y, p in rows_of(events):
        out += bytes(-len(out) % 2 if cdr else 0) + struct.pack("<HH", x, y)
        out += bytes(-len(out) % 4 if cdr else 0)
        out += struct.pack("<IIB", t // 10**6, t % 10**6 * 1000, p)
    return bytes(out)


def _packet(payload: bytes) -> bytes:
    head = struct.pack("<III", 1, EPOCH_US // 10**6, 0) + _text("cam")
    head += struct.pack("<IIQQ", VGA.height, VGA.width, 0, 0) + _text("evt3") + b"\0"
    return head + struct.pack("<I", len(payload)) + payload


def _record(kind: int, data: bytes, **fields: bytes) -> bytes:
    head = b"".join(
        struct.pack("<I", len(name) + 1 + len(value)) + name.encode() + b"=" + value
        for name, value in {"op": bytes([kind]), **fields}.items()
    )
    return struct.pack("<I", len(head)) + head + struct.pack("<I", len(data)) + data


def _bag1(name: str, kind: str, messages: list[bytes], events: Events, tests: str) -> Case:
    number = bytes(4)
    inner = b"".join(
        struct.pack("<I", len(key) + 1 + len(value)) + key + b"=" + value
        for key, value in (
            (b"topic", b"/dvs/events"),
            (b"type", kind.encode()),
            (b"md5sum", b"0" * 32),
            (b"message_definition", b"-"),
        )
    )
    connection = _record(7, inner, conn=number, topic=b"/dvs/events")
    stamp = struct.pack("<II", EPOCH_US // 10**6, 0)
    chunk, index = connection, b""
    for message in messages:
        index += stamp + struct.pack("<I", len(chunk))
        chunk += _record(2, message, conn=number, time=stamp)
    count = struct.pack("<I", len(messages))
    at = 13 + 4096
    body = _record(5, chunk, compression=b"none", size=struct.pack("<I", len(chunk)))
    body += _record(4, index, ver=b"\1\0\0\0", conn=number, count=count)
    info = _record(
        6,
        number + count,
        ver=b"\1\0\0\0",
        chunk_pos=struct.pack("<Q", at),
        start_time=stamp,
        end_time=stamp,
        count=b"\1\0\0\0",
    )
    one = b"\1\0\0\0"
    bare = _record(
        3, b"", index_pos=struct.pack("<Q", at + len(body)), conn_count=one, chunk_count=one
    )
    padding = b" " * (4096 - len(bare))
    head = bare[:-4] + struct.pack("<I", len(padding)) + padding
    return Case(
        format="ros1",
        name=name,
        suffix=".bag",
        data=b"#ROSBAG V2.0\n" + head + body + connection + info,
        events=events,
        sensor=VGA,
        tests=tests,
    )
