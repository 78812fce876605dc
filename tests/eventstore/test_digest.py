import hashlib
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import (
    NO_DIGEST,
    LogicalDigest,
    SideDigest,
    columns_sha256,
    logical_digest,
    sha256_file,
    sha256_text,
)
from eventstore.events import Events, Sensor
from eventstore.side import SideTable

SENSOR = Sensor(8, 8)


def sample(n: int) -> Events:
    rng = np.random.default_rng(n)
    return Events.of(
        t=np.sort(rng.integers(0, 10**9, n)), x=rng.integers(0, 8, n), y=rng.integers(0, 8, n),
        p=rng.integers(0, 2, n),
    )  # fmt: skip


@given(st.integers(0, 50), st.lists(st.integers(0, 50), max_size=4).map(sorted))
def test_the_logical_digest_does_not_depend_on_packets(n: int, cuts: list[int]) -> None:
    events = sample(n)
    digest = LogicalDigest(SENSOR)
    for start, stop in zip([0, *cuts], [*cuts, n], strict=True):
        digest.update(events[start : max(start, stop)])
    if all(c <= n for c in cuts):
        assert digest.digest() == logical_digest(events, SENSOR)


def test_any_change_changes_the_logical_digest() -> None:
    events = sample(20)
    seen = {logical_digest(events, SENSOR), logical_digest(events, Sensor(9, 8))}
    for name in "txyp":
        changed = Events(*(column.copy() for column in events))
        changed.column(name)[3] ^= 1
        seen.add(logical_digest(changed, SENSOR))
    seen.add(logical_digest(events[:-1], SENSOR))
    assert len(seen) == 7


def test_a_non_contiguous_column_has_the_same_digest() -> None:
    events = sample(40)
    strided = events[::2]
    assert logical_digest(strided, SENSOR) == logical_digest(
        Events(*(np.ascontiguousarray(c) for c in strided)), SENSOR
    )


def test_column_sums_are_plain_sha256_of_the_columns_end_to_end() -> None:
    events = sample(7)
    raw = b"".join(c.astype(c.dtype.newbyteorder("<")).tobytes() for c in events)
    assert columns_sha256(events) == hashlib.sha256(raw).hexdigest()


def test_texts_and_files_hash_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("µs", encoding="utf-8")
    assert sha256_file(path) == sha256_text("µs")


IMU = SideTable.of("imu", {"t": [-3, 4, 9], "gyro_x": [0.5, np.nan, 2.0]})
FRAMES = SideTable.of(
    "frames", {"t": [1, 2], "width": [2, 1], "height": [1, 1], "pixels": [1, 2, 3]}
)


def side_digest(*tables: SideTable) -> bytes:
    digest = SideDigest()
    for table in tables:
        digest.update(table)
    return digest.digest()


def test_no_side_streams_have_no_digest() -> None:
    assert side_digest() == side_digest(SideTable.empty("imu")) == NO_DIGEST


def test_the_side_digest_does_not_depend_on_tables_or_the_order_of_kinds() -> None:
    parts = [FRAMES.rows(0, 1), IMU.rows(0, 2), FRAMES.rows(1, 2), IMU.rows(2, 3)]
    assert side_digest(*parts) == side_digest(IMU, FRAMES) == side_digest(FRAMES, IMU)


def test_any_change_changes_the_side_digest() -> None:
    seen = {side_digest(IMU, FRAMES), side_digest(IMU), side_digest(IMU.rows(0, 2), FRAMES)}
    for table, other in ((IMU, FRAMES), (FRAMES, IMU)):
        for name in set(table.columns) - {"start", "width", "height", "channels", "bits"}:
            column = table.columns[name].copy()
            column.view(np.uint8)[0] ^= 1
            seen.add(side_digest(SideTable(table.kind, {**table.columns, name: column}), other))
    assert len(seen) == 3 + len(IMU.columns) + len(FRAMES.columns) - 5


def test_the_side_digest_is_that_of_the_format_page() -> None:
    sums = b"".join(
        name.encode() + b" " + hashlib.sha256(column.tobytes()).digest()
        for name, column in FRAMES.columns.items()
        if name != "start"
    )
    assert side_digest(FRAMES) == hashlib.sha256(b"spikelake-side-1\nframes 2\n" + sums).digest()
