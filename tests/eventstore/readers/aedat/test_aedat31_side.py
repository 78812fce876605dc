"""Frames, IMU samples and special events of AEDAT 3."""

import struct
from contextlib import suppress

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers import ByteSource
from eventstore.readers.aedat.aedat31_side import iter_frames, iter_imu, iter_triggers

BASE = 1 << 31


def source_of(*packets: tuple[int, int, bytes]) -> ByteSource:
    """Packets of a type, with events of a size, one source after the other, overflown once."""
    data = b"".join(
        struct.pack("<hhiiiiii", kind, i, size, 4, 1, 0, len(body) // size, 0) + body
        for i, (kind, size, body) in enumerate(packets)
    )
    return ByteSource("some.aedat", memoryview(data))


def frame(info: int, sizes: tuple[int, ...], pixels: list[int], room: int = 0) -> bytes:
    head = struct.pack("<I8i", info, 10, 40, 20, 30, *sizes)
    return (head + struct.pack(f"<{len(pixels)}H", *pixels)).ljust(36 + room, b"\0")


def test_imu_samples_of_both_kinds_become_si_units() -> None:
    six = struct.pack("<Ii7f", 1, 5, 1, 0, -1, 180, 0, 0, 21.5)
    invalid = struct.pack("<Ii7f", 0, 6, *[1.0] * 7)
    nine = struct.pack("<Ii10f", 1, 7, 0, 0, 0, 0, 0, 0, 20, 25, -30, 1)
    source = source_of((3, 36, six + invalid), (4, 48, nine))
    first, second = (table.columns for table in iter_imu(source, 0, None))
    assert first["t"].tolist() == [BASE + 5]
    assert first["accel_z"][0] == pytest.approx(-9.80665)
    assert first["gyro_x"][0] == pytest.approx(np.pi)
    assert first["temperature"].tolist() == [21.5]
    assert np.isnan(first["mag_x"][0])
    assert second["t"].tolist() == [BASE + 7]
    assert [second[f"mag_{axis}"][0] for axis in "xyz"] == [25, -30, 1]
    (only,) = iter_imu(source, 0, 1)
    assert only.columns["t"].tolist() == [BASE + 7]


def test_special_events_are_triggers_with_their_type() -> None:
    rows = [struct.pack("<Ii", 1 | kind << 1 | 99 << 8, kind) for kind in range(15)]
    (table,) = iter_triggers(source_of((0, 8, b"".join(rows) + struct.pack("<Ii", 4, 9))), 0, None)
    assert table.columns["channel"].tolist() == list(range(15))
    assert table.columns["t"].tolist() == [BASE + t for t in range(15)]
    edges = dict(zip(range(15), table.columns["edge"].tolist(), strict=True))
    assert {k for k, edge in edges.items() if edge == 1} == {2, 6, 9, 12}
    assert {k for k, edge in edges.items() if edge == 0} == {3, 7, 10, 13}


@pytest.mark.parametrize("room", [8, 20])
def test_frames_have_place_exposure_and_16_bits(room: int) -> None:
    one = frame(1 | 1 << 1, (2, 2, 5, 6), [1, 2, 3, 65535], room)
    unused = frame(0, (9999, 9999, 0, 0), [], room)
    (table,) = iter_frames(source_of((2, 36 + room, unused + one)), 0, None)
    columns = {name: int(column[0]) for name, column in table.columns.items()}
    assert (columns["t"], columns["t_stop"]) == (BASE + 20, BASE + 30)
    assert (columns["x"], columns["y"], columns["bits"], columns["channels"]) == (5, 6, 16, 1)
    assert table.image(0)[:, :, 0].tolist() == [[1, 2], [3, 65535]]
    (turned,) = iter_frames(source_of((2, 36 + room, one)), 0, None, upwards=True)
    assert turned.image(0)[:, :, 0].tolist() == [[3, 65535], [1, 2]]


def test_colours_become_blue_green_red() -> None:
    source = source_of(
        (2, 42, frame(1 | 3 << 1, (1, 1, 0, 0), [1, 2, 3])),
        (2, 44, frame(1 | 4 << 1, (1, 1, 0, 0), [1, 2, 3, 4])),
    )
    images = [table.image(0).ravel().tolist() for table in iter_frames(source, 0, None)]
    assert images == [[3, 2, 1], [3, 2, 1, 4]]


@pytest.mark.parametrize(
    ("info", "sizes", "said"),
    [
        (1 | 2 << 1, (1, 1, 0, 0), "1×1×2"),
        (1 | 1 << 1, (3, 2, 0, 0), "3×2×1"),
        (1 | 1 << 1, (-1, -1, 0, 0), "-1×-1×1"),
        (1 | 1 << 1, (1 << 30, 1 << 30, 0, 0), "1073741824×"),
    ],
)
def test_frames_that_do_not_fit_are_errors(info: int, sizes: tuple[int, ...], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        list(iter_frames(source_of((2, 44, frame(info, sizes, [1, 2, 3, 4]))), 0, None))


def test_events_of_another_size_are_errors() -> None:
    with pytest.raises(FormatError, match="expected events of 36 bytes; found 32 bytes each"):
        list(iter_imu(source_of((3, 32, bytes(32))), 0, None))
    with pytest.raises(FormatError, match="expected events of 8 bytes"):
        list(iter_triggers(source_of((0, 12, bytes(12))), 0, None))
    with pytest.raises(FormatError, match="expected frames"):
        list(iter_frames(source_of((2, 12, bytes(12))), 0, None))


def test_damaged_packets_are_errors_or_rows() -> None:
    whole = bytes(source_of((2, 44, frame(3, (2, 2, 0, 0), [1, 2, 3, 4])), (0, 8, bytes(8))).data)
    rng = np.random.default_rng(0)
    for _ in range(300):
        data = bytearray(whole)
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
        source = ByteSource("some.aedat", memoryview(bytes(data)))
        for iterate in (iter_frames, iter_imu, iter_triggers):
            with suppress(FormatError):
                list(iterate(source, 0, None))
