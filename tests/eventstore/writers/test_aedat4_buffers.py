"""FlatBuffers of AEDAT4: byte for byte what DV writes, aligned, and refused where nothing fits."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.readers import ByteSource
from eventstore.readers.aedat.aedat4_file import iter_packets, read_header, unpack
from eventstore.readers.aedat.flatbuffer import find_field, find_root, find_tables, read_fields
from eventstore.readers.aedat.imu_units import IMU_SCALES
from eventstore.side import SideTable
from eventstore.writers.aedat4_buffers import (
    encode_events,
    encode_frame,
    encode_header,
    encode_imu,
    encode_table,
    encode_triggers,
)


def test_a_packet_of_one_event_byte_by_byte() -> None:
    data = encode_events(Events.of(t=[5], x=[258], y=[3], p=[1]))
    assert data.hex(" ", 4) == (
        "2c000000 10000000 45565453 00000600 08000400 06000000 04000000 01000000 "
        "05000000 00000000 02010300 01000000"
    )


def test_packets_of_events_are_those_of_dv(shared_data: Path) -> None:
    source = ByteSource.map_file(shared_data / "recordings/davis346-clip.aedat4")
    header = read_header(source)
    for packet in iter_packets(source, header, {0}, []):
        stored = unpack(source, header, packet, "EVTS")
        rows = np.frombuffer(stored, "<i8,<u2,<u2,u1,V3", offset=32)
        columns = (np.ascontiguousarray(rows[f"f{i}"]) for i in range(4))
        written = np.frombuffer(encode_events(Events(*columns)), np.uint8).copy()
        used = np.ones(len(stored), bool)
        used[32:].reshape(-1, 16)[:, 13:] = False  # three bytes of nothing behind each event
        assert np.array_equal(stored[used], written[used])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_whatever_has_8_bytes_stands_at_a_multiple_of_8(n: int) -> None:
    triggers = SideTable.of("triggers", {"t": np.arange(n), "channel": [3] * n})
    imu = SideTable.of("imu", {"t": np.arange(n)})
    packed = (
        (encode_triggers(triggers), (0,)),
        (encode_imu(imu), (0,)),
        (encode_table([(1, 2, 3, 4, 5, 6)] * n), (0, 2, 3, 4)),
    )
    for raw, slots in packed:
        data = np.frombuffer(raw, np.uint8)
        assert int.from_bytes(raw[:4], "little") == len(raw) - 4
        tables = find_tables(data, find_root(data), 0)
        assert tables is not None
        assert len(tables) == n
        places = [find_field(data, table, slot) % 8 for table in tables for slot in slots]
        assert places == [0] * len(places)
    frame = np.frombuffer(encode_frame(_frame(), 0), np.uint8)
    assert [find_field(frame, find_root(frame), slot) % 8 for slot in (0, 3, 4, 11)] == [0] * 4


def test_the_table_of_packets_is_laid_out_as_declared() -> None:
    data = np.frombuffer(encode_table([(3, 64, 700, 2, -5, 1 << 50)]), np.uint8)
    tables = find_tables(data, find_root(data), 0)
    assert tables is not None
    fields = {
        name: (slot, np.dtype("<i8")) for slot, name in enumerate(["at", "", "rows", "a", "b"])
    }
    columns = read_fields(data, tables, fields)
    assert columns is not None
    assert {name: int(column[0]) for name, column in columns.items() if name} == {
        "at": 700, "rows": 2, "a": -5, "b": 1 << 50,
    }  # fmt: skip
    assert int(columns[""][0]) == 3 | 64 << 32  # a struct of two numbers


def test_the_header_says_where_the_table_position_stands() -> None:
    header, at = encode_header(1, "<dv/>")
    assert struct.unpack_from("<q", header, at) == (-1,)
    assert at % 8 == 0
    assert header.endswith(b"<dv/>\0")


def _frame(**columns: list[int]) -> SideTable:
    said = {"t": [5], "width": [2], "height": [1], "pixels": [7, 8]}
    return SideTable.of("frames", said | columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"x": [32768]},
        {"width": [0], "height": [40000], "pixels": []},
        {"channels": [5], "width": [0], "pixels": []},
    ],
)
def test_frames_that_do_not_fit_are_refused(columns: dict[str, list[int]]) -> None:
    with pytest.raises(InvalidInput, match="cannot hold frame 0"):
        encode_frame(_frame(**columns), 0)


@pytest.mark.parametrize(
    ("channel", "edge", "source"),
    [
        (0, -1, 0),
        (0, 1, 1),
        (0, 0, 2),
        (1, 1, 1),
        (5, 0, 5),
        (9, -1, 9),
        (77, -1, 77),
        (-3, -1, -3),
    ],
)
def test_triggers_become_the_source_of_their_channel(channel: int, edge: int, source: int) -> None:
    table = SideTable.of("triggers", {"t": [5], "channel": [channel], "edge": [edge]})
    data = np.frombuffer(encode_triggers(table), np.uint8)
    tables = find_tables(data, find_root(data), 0)
    assert tables is not None
    columns = read_fields(data, tables, {"source": (1, np.dtype("<i1"))})
    assert columns is not None
    assert columns["source"].tolist() == [source]


@pytest.mark.parametrize(("channel", "edge"), [(1, 0), (2, 1), (3, 1), (6, 0), (77, 1), (200, -1)])
def test_triggers_that_aedat4_has_no_source_for_are_refused(channel: int, edge: int) -> None:
    columns = {"t": [4, 5], "channel": [9, channel], "edge": [-1, edge]}
    with pytest.raises(InvalidInput, match=f"t = 5 µs of channel {channel}, edge {edge}"):
        encode_triggers(SideTable.of("triggers", columns))


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=20), st.sampled_from("ag"))
def test_units_of_samples_that_were_read_come_back_exactly(values: list[float], which: str) -> None:
    name, scale = (
        ("accel_x", IMU_SCALES["accel"]) if which == "a" else ("gyro_x", IMU_SCALES["gyro"])
    )
    stored = (np.array(values, np.float32).astype(np.float64) * scale).astype(np.float32)
    table = SideTable.of("imu", {"t": [0] * len(values), name: stored})
    data = np.frombuffer(encode_imu(table), np.uint8)
    tables = find_tables(data, find_root(data), 0)
    assert tables is not None
    slot = 2 if which == "a" else 5
    columns = read_fields(data, tables, {"value": (slot, np.dtype("<f4"))})
    assert columns is not None
    assert np.array_equal((columns["value"].astype(np.float64) * scale).astype(np.float32), stored)
