"""Side tables: exact schemas, filled in from what is given, frames end to end."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, NotFound
from eventstore.side import SIDE_COLUMNS, SideTable, frame_bytes, side_columns


def frames(sizes: Sequence[tuple[int, int, int, int]]) -> SideTable:
    """Return frames of (width, height, channels, bits) with random pixels."""
    width, height, channels, bits = np.array(sizes, int).reshape(-1, 4).T
    columns = {"t": np.arange(len(sizes)), "width": width, "height": height}
    columns |= {"channels": channels, "bits": bits}
    n = int(frame_bytes(columns).sum())
    pixels = np.random.default_rng(n).integers(0, 256, n)
    return SideTable.of("frames", {**columns, "pixels": pixels})


SIDES = st.integers(0, 5)
SIZES = st.lists(
    st.tuples(SIDES, SIDES, st.sampled_from([1, 3, 4]), st.sampled_from([8, 16])), max_size=6
)


@pytest.mark.parametrize("kind", SIDE_COLUMNS)
def test_an_empty_table_has_the_kinds_columns(kind: str) -> None:
    table = SideTable.empty(kind)
    assert len(table) == 0
    assert {name: column.dtype for name, column in table.columns.items()} == side_columns(kind)


def test_what_is_absent_is_filled_in() -> None:
    imu = SideTable.of("imu", {"t": [1], "accel_x": [9.75]})
    assert imu.columns["accel_x"].tolist() == [9.75]
    assert np.isnan(imu.columns["temperature"]).all()
    trigger = SideTable.of("triggers", {"t": [1, 2], "channel": [-3, 4]})
    assert trigger.columns["edge"].tolist() == [-1, -1]
    frame = frames([(2, 3, 1, 16)])
    assert frame.columns["x"].tolist() == [0]
    assert frame.columns["start"].tolist() == [0]


@given(SIZES)
def test_frames_lie_end_to_end(sizes: list[tuple[int, int, int, int]]) -> None:
    table = frames(sizes)
    images = [table.image(row) for row in range(len(table))]
    for image, (width, height, channels, bits) in zip(images, sizes, strict=True):
        assert image.shape == (height, width, channels)
        assert image.dtype == (np.uint8 if bits == 8 else np.dtype("<u2"))
    raw = b"".join(image.tobytes() for image in images)
    assert raw == table.columns["pixels"].tobytes()


@given(SIZES, st.integers(0, 7), st.integers(0, 7))
def test_parts_join_to_the_whole(
    sizes: list[tuple[int, int, int, int]], first: int, second: int
) -> None:
    table = frames(sizes)
    a, b = sorted((first, second))
    parts = [table.rows(0, a), table.rows(a, b), table.rows(b, len(table))]
    assert SideTable.concatenate("frames", parts).equals(table)
    for row in range(min(a, len(table)), min(b, len(table))):
        assert np.array_equal(parts[1].image(row - a), table.image(row))


def test_times_shift_together() -> None:
    moved = frames([(1, 1, 1, 8)]).shifted(-5)
    assert (moved.columns["t"].tolist(), moved.columns["t_stop"].tolist()) == ([-5], [-5])
    assert SideTable.of("imu", {"t": [1]}).shifted(2).columns["t"].tolist() == [3]


def test_equality_is_of_bytes() -> None:
    one = SideTable.of("imu", {"t": [1], "accel_x": [0.0]})
    assert one.equals(SideTable.of("imu", {"t": [1], "accel_x": [0.0]}))
    assert not one.equals(SideTable.of("imu", {"t": [1], "accel_x": [-0.0]}))
    assert not one.equals(SideTable.of("triggers", {"t": [1]}))


@pytest.mark.parametrize(
    ("kind", "columns", "message"),
    [
        ("imu", {"gyro_x": [1.0]}, "imu with no column t"),
        ("imu", {"t": [1], "gyro": [1.0]}, "imu with the column gyro"),
        ("imu", {"t": [1.5]}, r"column t of imu runs 1\.5 … 1\.5 \(float64\), it is int64"),
        ("triggers", {"t": [1], "channel": [40_000]}, "column channel of triggers runs 40000"),
        ("triggers", {"t": [1, 2], "channel": [1]}, r"is int16\[1\], expected int16\[2\]"),
        ("frames", {"t": [1], "width": [2], "height": [2], "pixels": [0] * 3},
         "3 bytes of pixels for frames of 4"),
        ("frames", {"t": [1], "bits": [10]}, "frame 0 has 10 bits a value"),
        ("frames", {"t": [1, 2], "start": [0, 1]}, "frame 1 starts at byte 1, .* end at 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    kind: str, columns: Mapping[str, Sequence[float]], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        SideTable.of(kind, columns)
    assert caught.value.hint


def test_the_columns_stand_as_the_kind_orders_them() -> None:
    columns = SideTable.of("triggers", {"t": [1]}).columns
    swapped = {name: columns[name] for name in ("channel", "t", "edge")}
    with pytest.raises(InvalidInput, match="triggers with the columns channel t edge"):
        SideTable("triggers", swapped)
    wrong = {**columns, "t": columns["t"].astype(np.int32)}
    with pytest.raises(InvalidInput, match=r"column t of triggers is int32\[1\]"):
        SideTable("triggers", wrong)


def test_unknown_kinds_and_frames_say_what_is_there() -> None:
    with pytest.raises(NotFound, match="no kind of side stream 'imus'") as caught:
        SideTable.empty("imus")
    assert "did you mean 'imu'?" in caught.value.hint
    with pytest.raises(InvalidInput, match="no frame 1 in 1 rows of frames"):
        frames([(1, 1, 1, 8)]).image(1)
    with pytest.raises(InvalidInput, match="no frame 0 in 1 rows of imu"):
        SideTable.of("imu", {"t": [1]}).image(0)
