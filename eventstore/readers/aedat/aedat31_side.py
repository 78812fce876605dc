"""Frames, IMU samples and special events of AEDAT 3, as side tables.

Little-endian (``events/frame.h``, ``imu6.h``, ``imu9.h`` and ``special.h`` of libcaer)::

    frame    u32 info | i32 start, end of the frame | i32 start, end of exposure | i32 width, height
             | i32 x, y | u16 pixels, rows from the top: grey, or red green blue, with alpha last
             (info bits 1–3: channels)
    IMU6     u32 info | i32 stamp | f32 acceleration x y z in g | f32 rotation in °/s | f32 °C
    IMU9     the same | f32 magnetic field x y z in µT
    special  u32: type bits 1–7, data bits 8–31 | i32 stamp
"""

from collections.abc import Iterator

import numpy as np

from eventstore.events import COORDINATE_LIMIT
from eventstore.readers.aedat.aedat31_file import Packet, bad_packet, iter_packets
from eventstore.readers.aedat.imu_units import imu_table
from eventstore.readers.protocol import ByteSource
from eventstore.side import SideTable

FRAME, IMU6, IMU9, SPECIAL = 2, 3, 4, 0

RISING = (2, 6, 9, 12)
"""Special events that are rising edges: of the inputs, and of the generator."""

FALLING = (3, 7, 10, 13)
"""Special events that are falling edges."""

_FRAME = np.dtype(
    [("info", "<u4"), ("begin", "<i4"), ("end", "<i4"), ("t", "<i4"), ("t_stop", "<i4"),
     ("width", "<i4"), ("height", "<i4"), ("x", "<i4"), ("y", "<i4")]
)  # fmt: skip
_AXES = [f"{what}_{axis}" for what in ("accel", "gyro") for axis in "xyz"]
_IMU6 = np.dtype(
    [("info", "<u4"), ("t", "<i4"), *((axis, "<f4") for axis in _AXES), ("temperature", "<f4")]
)
_IMU9 = np.dtype([*_IMU6.descr, *((f"mag_{axis}", "<f4") for axis in "xyz")])
_SPECIAL = np.dtype([("info", "<u4"), ("t", "<i4")])


def iter_imu(source: ByteSource, start: int, number: int | None) -> Iterator[SideTable]:
    """Decode the IMU samples of one source, or of all, from the first packet on.

    Raises:
        FormatError: a packet is damaged.
    """
    for packet in _packets_of(source, start, number, (IMU6, IMU9)):
        rows = _rows(source, packet, _IMU6 if packet.kind == IMU6 else _IMU9)
        columns = {name: rows[name] for name in rows.dtype.names or () if name != "info"}
        yield imu_table({**columns, "t": packet.base_us + rows["t"].astype(np.int64)})


def iter_triggers(source: ByteSource, start: int, number: int | None) -> Iterator[SideTable]:
    """Decode the special events of one source, or of all; the channel is their type.

    Raises:
        FormatError: a packet is damaged.
    """
    for packet in _packets_of(source, start, number, (SPECIAL,)):
        rows = _rows(source, packet, _SPECIAL)
        kind = (rows["info"] >> 1 & 0x7F).astype(np.int16)
        edge = np.where(np.isin(kind, RISING), 1, np.where(np.isin(kind, FALLING), 0, -1))
        t = packet.base_us + rows["t"].astype(np.int64)
        yield SideTable.of("triggers", {"t": t, "channel": kind, "edge": edge})


def iter_frames(
    source: ByteSource, start: int, number: int | None, *, upwards: bool = False
) -> Iterator[SideTable]:
    """Decode the frames of one source, or of all.

    Args:
        source: the file.
        start: place of the first packet.
        number: id of the source; None for all.
        upwards: rows run from the bottom, as in AEDAT 3.0.

    Raises:
        FormatError: a packet is damaged.
    """
    for packet in _packets_of(source, start, number, (FRAME,)):
        if packet.event_bytes < _FRAME.itemsize:
            raise bad_packet(source, packet.offset, "frames", f"{packet.event_bytes} bytes each")
        for at in range(0, len(packet.body), packet.event_bytes):
            head = np.frombuffer(packet.body, _FRAME, 1, at)[0]
            if head["info"] & 1:
                yield _frame_table(source, packet, at, head, upwards=upwards)


def _frame_table(
    source: ByteSource, packet: Packet, at: int, head: np.void, *, upwards: bool
) -> SideTable:
    width, height, x, y = (int(head[name]) for name in ("width", "height", "x", "y"))
    channels = int(head["info"]) >> 1 & 7
    n = width * height * channels
    room = packet.event_bytes - _FRAME.itemsize
    inside = all(0 <= size < COORDINATE_LIMIT for size in (width, height, x, y))
    if not inside or channels not in {1, 3, 4} or 2 * n > room:
        expected = f"a frame of 1, 3 or 4 channels in {room} bytes"
        found = f"{width}×{height}×{channels} at {x}, {y}"
        raise bad_packet(source, packet.offset, expected, found)
    pixels = np.frombuffer(packet.body, "<u2", n, at + _FRAME.itemsize)
    image = pixels.reshape(height, width, channels)
    if channels > 1:
        image = image[:, :, [2, 1, 0, 3][:channels]]
    image = np.ascontiguousarray(image[::-1] if upwards else image)
    sizes = {"width": width, "height": height, "x": x, "y": y, "channels": channels, "bits": 16}
    times = {name: packet.base_us + int(head[name]) for name in ("t", "t_stop")}
    row = {name: np.array([value]) for name, value in {**sizes, **times}.items()}
    return SideTable.of("frames", {**row, "pixels": image.reshape(-1).view(np.uint8)})


def _packets_of(
    source: ByteSource, start: int, number: int | None, kinds: tuple[int, ...]
) -> Iterator[Packet]:
    for packet in iter_packets(source, start, kinds, []):
        if number is None or packet.source == number:
            yield packet


def _rows(source: ByteSource, packet: Packet, row: np.dtype) -> np.ndarray:
    """Return the valid events of a packet."""
    if packet.event_bytes != row.itemsize:
        expected = f"events of {row.itemsize} bytes"
        raise bad_packet(source, packet.offset, expected, f"{packet.event_bytes} bytes each")
    rows = np.frombuffer(packet.body, row)
    valid: np.ndarray = rows[rows["info"] & 1 == 1]
    return valid
