"""kAER's records: bits as drawn, with a header and without, and Prophesee's refused."""

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_source
from eventstore.readers.td_dat import READER
from eventstore.testing import ReaderContract

HEADER = b"% Data file containing TD events.\n% Height 240\n% Width 304\n\x00\x08"


def records(events: Events) -> bytes:
    words = np.empty((len(events), 2), "<u4")
    words[:, 0] = events.t
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    words[:, 1] = x | y << 9 | p << 17
    return words.tobytes()


class TestTdDat(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return records(events)


def source(data: bytes) -> ByteSource:
    return ByteSource("user01_le_1.dat", memoryview(data))


def test_a_header_states_the_sensor_and_is_passed_over() -> None:
    events = Events.of(t=[5, 9], x=[303, 0], y=[239, 7], p=[1, 0])
    recording = READER.read(source(HEADER + records(events)))
    assert recording.sensor == Sensor(304, 240)
    assert recording.load().equals(events)


def test_a_header_leaves_the_choice_to_the_reader_dat() -> None:
    data = HEADER + records(Events.of(t=[5], x=[3], y=[7]))
    assert not READER.sniff(source(data))
    assert read_source(source(data)).reader == "dat"
    assert read_source(source(data), reader="td-dat").load().y.tolist() == [7]


def test_records_of_prophesee_are_refused_with_their_byte() -> None:
    wide = np.array([[5, 3 | 200 << 14 | 1 << 28]], "<u4").tobytes()
    with pytest.raises(FormatError, match=r"is it a \.dat of Prophesee") as caught:
        READER.read(
            source(records(Events.of(t=[1], x=[1], y=[1])) + wide), sensor=Sensor(304, 240)
        ).load()
    assert caught.value.offset == 12
    assert "'dat'" in caught.value.hint


def test_records_of_another_size_are_refused() -> None:
    with pytest.raises(FormatError, match="records of 8 bytes; found 00 04"):
        READER.read(source(HEADER[:-1] + b"\x04"))
