"""Messages of event records."""

import struct

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers.ros.arrays import ArrayDecoder, decode_records
from eventstore.readers.ros.fields import Fields


def fields(data: bytes, *, aligned: bool = False) -> Fields:
    return Fields(memoryview(data), aligned, "a.bag", 3)


def head(n: int) -> bytes:
    return struct.pack("<IIIIIII", 0, 1, 0, 0, 480, 640, n)


def test_stamps_round_and_polarity_is_any_nonzero() -> None:
    records = struct.pack("<HHIIB", 639, 479, 2, 1_500, 7) + struct.pack("<HHIIB", 0, 1, 2, 999, 0)
    (events,) = ArrayDecoder().events(iter([fields(head(2) + records)]), [])
    assert [c.tolist() for c in events] == [[2_000_002, 2_000_001], [639, 0], [479, 1], [1, 0]]
    assert ArrayDecoder().sensor(fields(head(0))) == Sensor(640, 480)


def test_seconds_before_the_epoch_in_ros_2() -> None:
    raw = np.frombuffer(struct.pack("<HHiIB", 1, 2, -1, 0, 1), np.uint8)
    events = Events.empty(1)
    assert decode_records(raw, 0, True, events.arrays()) == 1
    assert events.t.tolist() == [-1_000_000]


@pytest.mark.parametrize("n", [2, 2**31])
def test_a_count_that_the_message_does_not_hold_is_refused(n: int) -> None:
    with pytest.raises(FormatError, match=rf"{n} events of 13 bytes"):
        list(ArrayDecoder().events(iter([fields(head(n) + bytes(13))]), []))


def test_gaps_count_too() -> None:
    data = struct.pack("<IIIIII", 1, 0, 0, 480, 640, 4) + bytes(4 * 13)
    with pytest.raises(FormatError, match="4 events; found 3"):
        list(ArrayDecoder().events(iter([fields(data, aligned=True)]), []))


def test_no_sensor_of_no_size() -> None:
    assert ArrayDecoder().sensor(fields(struct.pack("<IIIIII", 0, 1, 0, 0, 0, 640))) is None
