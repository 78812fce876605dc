"""The bags, opened with the rosbags library."""

import struct
from pathlib import Path

import numpy as np
from rosbags.rosbag1 import Reader
from rosbags.rosbag2.storage_mcap import McapReader

from eventstore.corpus.bags import ros1_cases, ros2_cases
from eventstore.corpus.case import Row, rows_of

RECORD = np.dtype([("x", "<u2"), ("y", "<u2"), ("s", "<u4"), ("ns", "<u4"), ("p", "u1")])


def test_ros_1_holds_its_truth(tmp_path: Path) -> None:
    arrays, packets = ros1_cases(np.random.default_rng(5))
    path = tmp_path / arrays.file_name
    path.write_bytes(arrays.data)
    rows: list[Row] = []
    with Reader(path) as bag:
        for connection, _, data in bag.messages():
            assert connection.msgtype == "dvs_msgs/msg/EventArray"
            events = np.frombuffer(data[4 + 8 + 4 + 3 + 12 :], RECORD)
            t = events["s"].astype(np.int64) * 10**6 + events["ns"] // 1000
            rows += zip(
                *(c.tolist() for c in (t, events["x"], events["y"], events["p"])), strict=True
            )
    assert rows == rows_of(arrays.events)
    path = tmp_path / packets.file_name
    path.write_bytes(packets.data)
    with Reader(path) as bag:
        payload = b"".join(bytes(data[12 + 7 + 24 + 8 + 1 + 4 :]) for _, _, data in bag.messages())
    kinds = np.frombuffer(payload, "<u2") >> 12
    assert int((kinds == 2).sum()) == len(packets.events)


def test_ros_2_holds_its_truth(tmp_path: Path) -> None:
    (case,) = ros2_cases(np.random.default_rng(5))
    path = tmp_path / case.file_name
    path.write_bytes(case.data)
    rows: list[Row] = []
    reader = McapReader(path)
    reader.open()
    for connection, _, data in reader.messages(reader.connections):
        assert connection.msgtype == "dvs_msgs/msg/EventArray"
        rows += _events(data)
    reader.close()
    assert rows == rows_of(case.events)


def _events(data: bytes) -> list[Row]:
    """Take the events of one message by the rules of CDR, one at a time."""
    body, at, rows = data[4:], 8 + 8 + 8, []
    (n,) = struct.unpack_from("<I", body, at)
    at += 4
    for _ in range(n):
        at += -at % 2
        x, y = struct.unpack_from("<HH", body, at)
        at += 4 + -(at + 4) % 4
        seconds, nanoseconds, polarity = struct.unpack_from("<IIB", body, at)
        at += 9
        rows.append((seconds * 10**6 + nanoseconds // 1000, x, y, polarity))
    return rows
