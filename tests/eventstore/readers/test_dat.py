"""The DAT reader against files decoded by others, the record layout, and broken bytes."""

import json
from pathlib import Path

import numpy as np
import pytest

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError
from eventstore.events import Events
from eventstore.readers import ByteSource, read_file, read_source
from eventstore.readers.dat import READER, DatReader
from eventstore.testing import ReaderContract

HEADER = b"% Version 2\n% Width 34\n% Height 34\n"


def file_of(events: Events, kind: int = 0x0C) -> bytes:
    records = np.empty((len(events), 2), "<u4")
    records[:, 0] = events.t & 0xFFFFFFFF
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    records[:, 1] = x | y << 14 | p << 28
    return HEADER + bytes([kind, 8]) + records.tobytes()


def read(data: bytes, reader: DatReader = READER) -> Events:
    return reader.read(ByteSource("some.dat", memoryview(data))).load()


class TestDat(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return file_of(events)


@pytest.mark.parametrize("name", ["imx636.dat", "ncars.dat"])
def test_real_files_decode_as_other_decoders_say(shared_data: Path, name: str) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())[name]
    events = read_file(shared_data / "recordings" / name).load()
    assert len(events) == truth["events"]
    assert (events.t[0], events.t[-1]) == (truth["first_t"], truth["last_t"])
    assert columns_sha256(events) == truth["sha256_t_x_y_p"]


@pytest.mark.parametrize("packet_events", [1, 2, 100])
def test_stamps_go_on_after_they_wrap(packet_events: int) -> None:
    t = [2**32 - 5, 2**32 - 7, 2**32 + 3, 2**32 + 1]  # small steps back are the sensor's
    events = Events.of(t=t, x=[1] * 4, y=[2] * 4, p=[1] * 4)
    apart = read(file_of(events), DatReader(packet_events=packet_events))
    assert apart.t.tolist() == t


def test_a_cut_record_is_a_finding() -> None:
    data = file_of(Events.of(t=[1, 2], x=[1, 2], y=[3, 4]))
    recording = READER.read(ByteSource("some.dat", memoryview(data[:-3])))
    assert recording.load().t.tolist() == [1]
    assert [f.check for f in recording.findings] == ["cut-file"]
    assert f"5 bytes at {len(HEADER) + 2 + 8}" in recording.findings[0].message


@pytest.mark.parametrize(
    ("data", "offset", "said"),
    [
        (HEADER, len(HEADER), "found the end of the file"),
        (HEADER + b"\x0e\x08", len(HEADER), "found 0e 08"),
        (HEADER + b"\x0c\x08" + b"\0" * 15 + b"\x20", len(HEADER) + 10, "found polarity 2"),
    ],
)
def test_bad_bytes_are_named_with_their_offset(data: bytes, offset: int, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        read(data)
    assert caught.value.offset == offset
    assert caught.value.hint


def test_events_outside_the_stated_geometry_are_refused() -> None:
    data = file_of(Events.of(t=[1, 1], x=[33, 34], y=[33, 3]))
    with pytest.raises(FormatError, match=r"event 1 .*found x = 34, y = 3"):
        read_source(ByteSource("some.dat", memoryview(data))).load()
