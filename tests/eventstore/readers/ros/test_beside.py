"""Images and IMU samples as side streams."""

import struct
from collections.abc import Collection, Iterator

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers.ros.bag import Message, Topic
from eventstore.readers.ros.beside import CHANNELS_OF, IMAGE, IMU, SAMPLES, side_stream
from eventstore.readers.ros.fields import Fields
from eventstore.side import SideTable


class _Bag:
    """Messages of one topic."""

    def __init__(self, *messages: bytes) -> None:
        self.topics: list[Topic] = []
        self._messages = messages

    def messages(self, topics: Collection[int], findings: list[Finding]) -> Iterator[Message]:
        assert (list(topics), findings) == ([1], [])
        return iter([Message(1, memoryview(data), 0) for data in self._messages])


def tables(kind: str, *messages: bytes) -> tuple[list[SideTable], list[Finding]]:
    def begin(message: Message) -> Fields:
        return Fields.of(message, cdr=False, path="a.bag")

    findings: list[Finding] = []
    stream = side_stream(_Bag(*messages), Topic(1, "/x", kind), begin, findings)
    return list(stream), findings


def header(stamp: int) -> bytes:
    return struct.pack("<IIII", 0, stamp, 500, 0)


def imu(stamp: int) -> bytes:
    return header(stamp) + struct.pack("<37d", *range(37))


def image(encoding: str, width: int, height: int, step: int, data: bytes, *, big: int = 0) -> bytes:
    text = struct.pack("<I", len(encoding)) + encoding.encode()
    sizes = struct.pack("<II", height, width)
    return header(2) + sizes + text + struct.pack("<BII", big, step, len(data)) + data


def test_imu_samples_keep_their_units_and_order() -> None:
    found, _ = tables(IMU, *(imu(stamp) for stamp in range(SAMPLES + 2)))
    assert [len(table) for table in found] == [SAMPLES, 2]
    first = {name: float(column[0]) for name, column in found[0].columns.items()}
    assert (first["t"], first["gyro_x"], first["gyro_z"]) == (1, 13, 15)
    assert (first["accel_x"], first["accel_z"]) == (25, 27)
    assert np.isnan(first["mag_x"])


def test_rows_lose_their_padding_and_red_goes_last() -> None:
    pixels = bytes([1, 2, 3, 4, 5, 6, 99, 99])
    (frame,), _ = tables(IMAGE, image("rgb8", 2, 1, 8, pixels))
    assert frame.image(0).tolist() == [[[3, 2, 1], [6, 5, 4]]]
    assert frame.columns["t"].tolist() == [2_000_001]


def test_big_endian_pixels_are_turned() -> None:
    (frame,), _ = tables(IMAGE, image("mono16", 1, 1, 2, b"\1\2", big=1))
    assert frame.image(0).tolist() == [[[0x0102]]]


@pytest.mark.parametrize("encoding", sorted(CHANNELS_OF))
def test_every_kept_encoding_makes_a_frame(encoding: str) -> None:
    channels, bits = CHANNELS_OF[encoding]
    row = 3 * channels * bits // 8
    (frame,), findings = tables(IMAGE, image(encoding, 3, 2, row, bytes(2 * row)))
    assert frame.image(0).shape == (2, 3, channels)
    assert findings == []


def test_other_encodings_are_left_out_and_said() -> None:
    found, findings = tables(IMAGE, image("bayer_rggb8", 1, 1, 1, b"\0"))
    assert found == []
    assert ["bayer_rggb8" in f.message for f in findings] == [True]


def test_an_image_smaller_than_it_says_is_refused() -> None:
    with pytest.raises(FormatError, match="2 rows of 3 bytes; found 5 bytes in rows of 3"):
        tables(IMAGE, image("mono8", 3, 2, 3, bytes(5)))
