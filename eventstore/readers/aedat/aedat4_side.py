"""Frames, IMU samples and triggers of AEDAT4, as side tables.

Tables of the FlatBuffers, by slot, as ``dv-processing`` declares them::

    IMU      t, temperature °C, accelerometer x y z in g, gyroscope in °/s, magnetometer in µT
    Trigger  t, source: 0 reset of stamps, 1 2 3 rising, falling edge, pulse at the input,
             4 5 the same edges of the generator, 6 7 begin, end of a frame, 8 9 of its exposure
    Frame    t, begin, end, begin and end of exposure, format, width, height, x, y, pixels, exposure

A frame's format is OpenCV's: depth in bits 0–2 (0: 8 bits, 2: 16 bits), channels - 1 above them.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import FormatError
from eventstore.readers.aedat.aedat4_file import (
    Header,
    Packet,
    bad_packet,
    iter_packets,
    read_header,
    unpack,
)
from eventstore.readers.aedat.flatbuffer import (
    Fields,
    find_root,
    find_tables,
    find_vector,
    read_fields,
)
from eventstore.readers.aedat.imu_units import imu_table
from eventstore.readers.protocol import ByteSource
from eventstore.side import SideTable

SIDE_OF_KIND: Final = {"FRME": "frames", "IMUS": "imu", "TRIG": "triggers"}
"""Kind of side stream of each type of stream."""

EDGE_OF_SOURCE = np.array([-1, 1, 0, -1, 1, 0, -1, -1, -1, -1], np.int8)
"""Edge of each source of a trigger: 1 rising, 0 falling, -1 neither."""

BITS_OF_DEPTH: Final = {0: 8, 2: 16}

_BATCH_ROWS = 1 << 13
_I8, _I2, _I1, _F4 = (np.dtype(name) for name in ("<i8", "<i2", "<i1", "<f4"))

_AXES = [f"{what}_{axis}" for what in ("accel", "gyro", "mag") for axis in "xyz"]

_IMU_FIELDS: Fields = {"t": (0, _I8), "temperature": (1, _F4)} | {
    name: (2 + i, _F4) for i, name in enumerate(_AXES)
}
_TRIGGER_FIELDS: Fields = {"t": (0, _I8), "channel": (1, _I1)}
_FRAME_FIELDS: Fields = {
    "t": (0, _I8), "exposed": (3, _I8), "exposed_stop": (4, _I8), "format": (5, _I1),
    "width": (6, _I2), "height": (7, _I2), "x": (8, _I2), "y": (9, _I2), "exposure": (11, _I8),
}  # fmt: skip
_FRAME_PIXELS = 10


def iter_side(source: ByteSource, kind: str, number: int) -> Iterator[SideTable]:
    """Decode one stream of frames, IMU samples or triggers from the beginning of a file.

    Args:
        source: the file.
        kind: type of the stream: ``FRME``, ``IMUS`` or ``TRIG``.
        number: its id.

    Raises:
        FormatError: a packet is damaged, or a frame of a format without a place in a side table.
    """
    header = read_header(source)
    packets = iter_packets(source, header, {number}, [])
    if kind == "FRME":
        for packet in packets:
            yield _decode_frame(source, packet, unpack(source, header, packet, kind))
    else:
        yield from _iter_rows(source, header, packets, kind)


def _iter_rows(
    source: ByteSource, header: Header, packets: Iterator[Packet], kind: str
) -> Iterator[SideTable]:
    """Collect the rows of several packets, some of a few rows, into tables of some thousand."""
    fields = _IMU_FIELDS if kind == "IMUS" else _TRIGGER_FIELDS
    to_table = imu_table if kind == "IMUS" else _trigger_table
    parts: list[dict[str, np.ndarray]] = []
    rows = 0
    for packet in packets:
        data = unpack(source, header, packet, kind)
        tables = find_tables(data, find_root(data), 0)
        columns = None if tables is None else read_fields(data, tables, fields)
        if columns is None:
            raise _bad_offset(source, packet)
        parts.append(columns)
        rows += len(columns["t"])
        if rows >= _BATCH_ROWS:
            yield to_table(_joined(parts))
            parts, rows = [], 0
    if rows:
        yield to_table(_joined(parts))


def _trigger_table(columns: dict[str, np.ndarray]) -> SideTable:
    known = (columns["channel"] >= 0) & (columns["channel"] < len(EDGE_OF_SOURCE))
    edge = np.where(known, EDGE_OF_SOURCE[np.where(known, columns["channel"], 0)], np.int8(-1))
    return SideTable.of("triggers", {**columns, "edge": edge})


def _decode_frame(
    source: ByteSource, packet: Packet, data: UInt8[np.ndarray, " bytes"]
) -> SideTable:
    root = find_root(data)
    fields = read_fields(data, np.array([root]), _FRAME_FIELDS)
    at, n_bytes = find_vector(data, root, _FRAME_PIXELS, 1)
    if fields is None or at < 0:
        raise _bad_offset(source, packet)
    said = {name: int(column[0]) for name, column in fields.items()}
    bits, channels = BITS_OF_DEPTH.get(said["format"] & 7, 0), (said["format"] >> 3) + 1
    sizes = (said["width"], said["height"], said["x"], said["y"])
    if not bits or min(sizes) < 0 or not 1 <= channels <= 4:
        expected = "a frame of 8 or 16 bits and up to 4 channels"
        found = f"format {said['format']} with width, height, x, y {sizes}"
        raise bad_packet(source, packet.offset, expected, found)
    if n_bytes != said["width"] * said["height"] * channels * bits // 8:
        expected = f"the pixels of {said['width']}×{said['height']}×{channels} of {bits} bits"
        raise bad_packet(source, packet.offset, expected, f"{n_bytes} bytes")
    t = said["exposed"] or said["t"]
    columns = {"x": said["x"], "y": said["y"], "width": said["width"], "height": said["height"]}
    return SideTable.of(
        "frames",
        {
            **{name: np.array([value]) for name, value in columns.items()},
            "t": np.array([t]),
            "t_stop": np.array([said["exposed_stop"] or t + said["exposure"]]),
            "channels": np.array([channels]),
            "bits": np.array([bits]),
            "pixels": data[at : at + n_bytes],
        },
    )


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _bad_offset(source: ByteSource, packet: Packet) -> FormatError:
    return bad_packet(source, packet.offset, "a FlatBuffer", "an offset that leads out of it")
