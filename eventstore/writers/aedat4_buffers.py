"""The FlatBuffers of AEDAT4, laid out by hand: one layout for each type of packet.

`eventstore.readers.aedat.flatbuffer` says what tables and vectors are. Whatever has 8 bytes stands
at a multiple of 8 in the buffer with its prefix, as verifiers demand.
"""

import struct
from collections.abc import Sequence

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.readers.aedat.aedat4_side import EDGE_OF_SOURCE
from eventstore.readers.aedat.imu_units import IMU_SCALES
from eventstore.side import SideTable

EVENT = np.dtype([("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "u1"), ("", "V3")])

_AXES = [f"{what}_{axis}" for what in ("accel", "gyro", "mag") for axis in "xyz"]
_IMU = np.dtype(
    [("back", "<i4"), ("temperature", "<f4"), *((axis, "<f4") for axis in _AXES), ("t", "<i8"),
     ("", "V4")]
)  # fmt: skip
_IMU_SLOTS = ("t", "temperature", *_AXES)
_TRIGGER = np.dtype([("back", "<i4"), ("source", "i1"), ("", "V3"), ("t", "<i8")])
_TRIGGER_SLOTS = ("t", "source")
_DEFINITION = np.dtype(
    [("back", "<i4"), ("stream", "<i4"), ("size", "<i4"), ("at", "<i8"), ("rows", "<i8"),
     ("first", "<i8"), ("last", "<i8"), ("", "V4")]
)  # fmt: skip
_DEFINITION_SLOTS = ("at", "stream", "rows", "first", "last")

_FRAME_LIMIT = 1 << 15
_PACKET_TABLE = struct.pack("<xxHHHiI", 6, 8, 4, 6, 4)  # vtable, table; its one field is a vector


def encode_events(events: Events) -> bytearray:
    """Encode a packet of events.

    Examples:
        >>> len(encode_events(Events.of(t=[5], x=[1], y=[2], p=[1])))
        48
    """
    head = _prefixed("EVTS", _PACKET_TABLE + struct.pack("<I", len(events)))
    data = bytearray(len(head) + EVENT.itemsize * len(events))
    data[: len(head)] = head
    struct.pack_into("<I", data, 0, len(data) - 4)
    rows = np.frombuffer(data, EVENT, len(events), len(head))
    for name, column in zip("txyp", events, strict=True):
        rows[name] = column
    return data


def encode_imu(table: SideTable) -> bytes:
    """Encode a packet of IMU samples, in g and °/s; an absent magnetometer is 0 µT."""
    rows = np.zeros(len(table), _IMU)
    for name in _IMU_SLOTS:
        column = table.columns[name]
        scale = IMU_SCALES.get(name.partition("_")[0])
        rows[name] = column if scale is None else _unscaled(column, scale)
    mags = [f"mag_{axis}" for axis in "xyz"]
    absent = np.all([np.isnan(rows[name]) for name in mags], axis=0)
    for name in mags:
        rows[name][absent] = 0
    return _prefixed("IMUS", _vector_of_tables(rows, _IMU_SLOTS))


def encode_triggers(table: SideTable) -> bytes:
    """Encode a packet of triggers.

    Their channel is the source of AEDAT4; edges of the only input of other cameras, channel 0,
    become those of the external input.

    Raises:
        InvalidInput: there is no source of that channel and edge; names the first.
    """
    channel = table.columns["channel"].astype(np.int64)
    edge = table.columns["edge"].astype(np.int64)
    source = np.where((channel == 0) & (edge >= 0), 2 - edge, channel)
    known = (source >= 0) & (source < len(EDGE_OF_SOURCE))
    expected = np.where(known, EDGE_OF_SOURCE[np.where(known, source, 0)], -1)
    bad = (source < -128) | (source > 127) | (expected != edge)
    if bad.any():
        i = int(np.argmax(bad))
        what = f"trigger at t = {table.columns['t'][i]} µs of channel {channel[i]}, edge {edge[i]}"
        message = f"AEDAT4 files cannot hold the {what}"
        raise InvalidInput(message, hint="leave the triggers out, or number them as AEDAT4 does")
    rows = np.zeros(len(table), _TRIGGER)
    rows["t"], rows["source"] = table.columns["t"], source
    return _prefixed("TRIG", _vector_of_tables(rows, _TRIGGER_SLOTS, align=0))


def encode_frame(table: SideTable, row: int) -> bytes:
    """Encode one frame.

    Raises:
        InvalidInput: it is larger than 32,767 pixels, or has more than 4 channels.
    """
    names = ("t", "t_stop", "x", "y", "width", "height", "channels", "bits")
    t, t_stop, x, y, width, height, channels, bits = (int(table.columns[k][row]) for k in names)
    if max(x, y, width, height) >= _FRAME_LIMIT or not 1 <= channels <= 4:
        message = f"AEDAT4 files cannot hold frame {row}: {width}×{height}×{channels} at {x}, {y}"
        raise InvalidInput(message, hint="crop frames to 32,767 pixels, and up to 4 channels")
    slots = (24, 0, 0, 32, 40, 4, 6, 8, 10, 12, 16, 48)
    vtable = struct.pack("<14H", 4 + 2 * len(slots), 56, *slots)
    kind = (channels - 1) << 3 | (2 if bits == 16 else 0)
    fields = struct.pack(
        "<bxhhhhxxI4xqqqq", kind, width, height, x, y, 40, t, t, t_stop, t_stop - t
    )
    pixels = table.image(row).tobytes()
    back = struct.pack("<i", len(vtable))
    return _prefixed("FRME", vtable + back + fields + struct.pack("<I", len(pixels)) + pixels)


def encode_header(compression: int, xml: str) -> tuple[bytes, int]:
    """Encode the header; return it and where in it the position of the data table stands."""
    text = xml.encode()
    vtable = struct.pack("<xxHHHHH", 10, 20, 4, 8, 16)
    table = struct.pack("<iiqI", 10, compression, -1, 4)
    body = vtable + table + struct.pack("<I", len(text)) + text + b"\0"
    return _prefixed("IOHE", body), 12 + len(vtable) + 8


def encode_table(definitions: Sequence[tuple[int, int, int, int, int, int]]) -> bytes:
    """Encode the data table: of each packet stream, size, place, rows, first and last time."""
    rows = np.zeros(len(definitions), _DEFINITION)
    given = np.array(definitions, np.int64).reshape(-1, 6)
    for name, column in zip(
        ("stream", "size", "at", "rows", "first", "last"), given.T, strict=True
    ):
        rows[name] = column
    return _prefixed("FTAB", _vector_of_tables(rows, _DEFINITION_SLOTS))


def _vector_of_tables(rows: np.ndarray, slots: Sequence[str], align: int = 4) -> bytes:
    """Lay out a table with one vector of tables, which share one vtable.

    Args:
        rows: the tables; their first field is the way back to the vtable.
        slots: their fields by slot.
        align: where tables begin, modulo 8.
    """
    fields = dict(rows.dtype.fields or {})
    offsets = [fields[name][1] for name in slots]
    vtable = struct.pack(f"<{2 + len(slots)}H", 4 + 2 * len(slots), rows.itemsize, *offsets)
    at = _BODY_AT + len(_PACKET_TABLE) + 4 + 4 * len(rows)
    first = at + len(vtable) + (align - at - len(vtable)) % 8
    starts = first + rows.itemsize * np.arange(len(rows))
    rows["back"] = starts - at
    places = _BODY_AT + len(_PACKET_TABLE) + 4 + 4 * np.arange(len(rows))
    ways = (starts - places).astype("<u4").tobytes()
    head = _PACKET_TABLE + struct.pack("<I", len(rows)) + ways + vtable
    return head + bytes(first - at - len(vtable)) + rows.tobytes()


_BODY_AT = 12


def _prefixed(name: str, body: bytes) -> bytes:
    """Put size, offset of the root table and name before a vtable and the table behind it."""
    vtable_at = 2 if body[:2] == b"\0\0" else 0
    root = _BODY_AT + vtable_at + int.from_bytes(body[vtable_at : vtable_at + 2], "little")
    return struct.pack("<II4s", 8 + len(body), root - 4, name.encode()) + body


def _unscaled(column: np.ndarray, scale: float) -> np.ndarray:
    """Divide by a factor, to the float32 nearest to what gives the column when multiplied again."""
    near = (column.astype(np.float64) / scale).astype(np.float32)
    best = near.copy()
    for towards in (-np.inf, np.inf):
        other = np.nextafter(near, np.float32(towards))
        exact = (other.astype(np.float64) * scale).astype(np.float32) == column
        missed = (best.astype(np.float64) * scale).astype(np.float32) != column
        best = np.where(exact & missed, other, best)
    return best
