"""Frames, IMU samples and triggers of AEDAT4: units, codes, and rows that other decoders see."""

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers import ByteSource, read_file
from eventstore.readers.aedat.aedat4_file import MAGIC
from eventstore.readers.aedat.aedat4_side import iter_side
from eventstore.side import SideTable

Write: TypeAlias = Callable[..., ByteSource]
XML = b"<dv><node name='outInfo'/></dv>"


@pytest.fixture
def write(flat: Callable[..., bytes]) -> Write:
    def file_of(kind: str, *packets: dict[int, Any]) -> ByteSource:
        bodies = [flat(kind, packet) for packet in packets]
        stored = b"".join(struct.pack("<iI", 1, len(body)) + body for body in bodies)
        return ByteSource("a.aedat4", memoryview(MAGIC + flat("IOHE", {2: XML}) + stored))

    return file_of


def frame(**fields: Any) -> dict[int, Any]:
    said = {0: ("q", 50), 6: ("h", 2), 7: ("h", 1), 10: b"\1\2"}
    return said | {int(slot.removeprefix("s")): value for slot, value in fields.items()}


def only(source: ByteSource, kind: str) -> SideTable:
    (table,) = iter_side(source, kind, 1)
    return table


def test_imu_samples_become_si_units(write: Write) -> None:
    values = [20.5, 1.0, -0.5, 0.0, 180.0, -90.0, 0.0, 30.0, -2.0, 0.0]
    sample = {0: ("q", 7)} | {1 + i: ("f", value) for i, value in enumerate(values)}
    table = only(write("IMUS", {0: [sample, {0: ("q", 9)}]}, {0: [{0: ("q", 8)}]}), "IMUS")
    columns = table.columns
    assert columns["t"].tolist() == [7, 9, 8]
    assert columns["temperature"].tolist() == [20.5, 0, 0]
    accel = [columns[f"accel_{axis}"][0] for axis in "xyz"]
    gyro = [columns[f"gyro_{axis}"][0] for axis in "xyz"]
    assert accel == pytest.approx([9.80665, -4.903325, 0])
    assert gyro == pytest.approx([np.pi, -np.pi / 2, 0])
    assert [columns[f"mag_{axis}"][0] for axis in "xyz"] == [30, -2, 0]
    assert np.isnan([columns[f"mag_{axis}"][1:] for axis in "xyz"]).all()  # no magnetometer
    assert columns["accel_x"][1] == 0


def test_triggers_keep_their_source_and_say_the_edge(write: Write) -> None:
    rows = [{0: ("q", t), 1: ("b", t)} for t in range(11)] + [{1: ("b", -1)}]
    columns = only(write("TRIG", {0: rows}), "TRIG").columns
    assert columns["channel"].tolist() == [*range(11), -1]
    assert columns["edge"].tolist() == [-1, 1, 0, -1, 1, 0, -1, -1, -1, -1, -1, -1]


def test_packets_without_rows_give_no_table(write: Write) -> None:
    assert list(iter_side(write("TRIG", {0: []}, {}), "TRIG", 1)) == []


def test_many_rows_come_in_several_tables(write: Write) -> None:
    packet = {0: [{0: ("q", t)} for t in range(5000)]}
    tables = list(iter_side(write("TRIG", packet, packet, packet), "TRIG", 1))
    assert [len(table) for table in tables] == [10000, 5000]


def test_a_frame_has_its_place_size_and_channels(write: Write) -> None:
    pixels = np.arange(12, dtype="<u2")
    said = frame(s5=("b", 18), s7=("h", 2), s8=("h", 5), s9=("h", 6), s10=pixels.tobytes())
    table = only(write("FRME", said), "FRME")
    assert [int(table.columns[k][0]) for k in ("x", "y", "width", "height")] == [5, 6, 2, 2]
    assert np.array_equal(table.image(0), pixels.reshape(2, 2, 3))


@pytest.mark.parametrize(
    ("fields", "t", "t_stop"),
    [
        ({}, 50, 50),
        ({"s1": ("q", 40), "s2": ("q", 60), "s3": ("q", 45), "s4": ("q", 55)}, 45, 55),
        ({"s11": ("q", 7), "s12": ("b", 1)}, 50, 57),
    ],
)
def test_a_frame_lasts_as_long_as_its_exposure(
    write: Write, fields: dict[str, Any], t: int, t_stop: int
) -> None:
    columns = only(write("FRME", frame(**fields)), "FRME").columns
    assert (columns["t"][0], columns["t_stop"][0]) == (t, t_stop)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"s5": ("b", 5)}, "format 5"),
        ({"s5": ("b", 32)}, "format 32"),
        ({"s5": ("b", -8)}, "format -8"),
        ({"s6": ("h", -2)}, r"\(-2, 1, 0, 0\)"),
        ({"s10": b"\1"}, "the pixels of 2×1×1 of 8 bits; found 1 bytes"),
        ({"s5": ("b", 16)}, "the pixels of 2×1×3 of 8 bits; found 2 bytes"),
    ],
)
def test_frames_that_fit_no_table_are_errors(
    write: Write, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        only(write("FRME", frame(**fields)), "FRME")


@pytest.mark.parametrize("kind", ["FRME", "IMUS", "TRIG"])
def test_damaged_packets_are_errors_or_rows(write: Write, kind: str) -> None:
    packet = frame() if kind == "FRME" else {0: [{0: ("q", 5), 1: ("b", 1)}] * 2}
    whole = bytes(write(kind, packet).data)
    rng = np.random.default_rng(0)
    start = len(MAGIC) + 4 + int.from_bytes(whole[14:18], "little")
    for _ in range(300):
        data = bytearray(whole)
        data[int(rng.integers(start, len(data)))] = int(rng.integers(256))
        with suppress(FormatError):
            list(iter_side(ByteSource("a.aedat4", memoryview(bytes(data))), kind, 1))


def test_real_side_streams_hold_what_other_decoders_see(shared_data: Path) -> None:
    # Counts and first rows as aedat 2.3.0 and dv-processing 2.0.4 give them.
    recording = read_file(shared_data / "recordings/davis346.aedat4")
    tables = {kind: list(stream()) for kind, stream in recording.side.items()}
    assert {k: sum(map(len, v)) for k, v in tables.items()} == {
        "frames": 59,
        "imu": 2363,
        "triggers": 236,
    }
    frames, imu = tables["frames"][0], tables["imu"][0].columns
    assert frames.columns["t"][0] == 1589163147364965
    assert frames.columns["t_stop"][0] == 1589163147365465
    assert frames.image(0).shape == (260, 346, 1)
    assert frames.image(0)[0, :4, 0].tolist() == [78, 75, 79, 69]
    assert imu["t"][0] == 1589163147369190
    assert imu["accel_y"][0] == pytest.approx(-0.9951171875 * 9.80665)
    assert imu["temperature"][0] == pytest.approx(28.517897)
    assert np.isnan(imu["mag_x"]).all()
    first = {name: int(column[0]) for name, column in tables["triggers"][0].columns.items()}
    assert first == {"t": 1589163147374647, "channel": 7, "edge": -1}
