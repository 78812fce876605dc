"""The .npy reader: records of DVS-Lip, tables of DVS Gesture, cuts, and other arrays."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file
from eventstore.readers.conformance import sample_events
from eventstore.readers.npy import READER, NpyReader
from eventstore.readers.options import named_reader
from eventstore.testing import ReaderContract

EVENTS = sample_events(Sensor(128, 128), 500)
LIP = [("t", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")]


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def records(events: Events, dtype: Any = LIP) -> np.ndarray:
    found = np.zeros(len(events), dtype)
    for name, column in zip(found.dtype.names or (), events, strict=True):
        found[name] = column
    return found


def table(order: str, events: Events = EVENTS) -> np.ndarray:
    return np.stack([events.column(letter).astype(np.int64) for letter in order], axis=1)


def read(data: bytes, reader: Any = READER) -> Recording:
    recording: Recording = reader.read(ByteSource("some.npy", memoryview(data)))
    return recording


class TestRecords(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return saved(records(events, [("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")]))


def test_fields_in_any_order_and_type() -> None:
    assert read(saved(records(EVENTS))).load().equals(EVENTS)
    turned = np.zeros(500, [("p", "?"), ("xs", ">u2"), ("timestamps", "<f8"), ("ys", "<f4")])
    turned["p"], turned["xs"], turned["ys"] = EVENTS.p, EVENTS.x, EVENTS.y
    turned["timestamps"] = EVENTS.t / 1e6
    assert read(saved(turned)).load().equals(EVENTS)


@pytest.mark.parametrize("order", ["txyp", "xytp", "xypt", "ptxy"])
@pytest.mark.parametrize("turned", [False, True])
def test_tables_tell_their_order(order: str, *, turned: bool) -> None:
    array = np.asfortranarray(table(order)) if turned else table(order)
    recording = read(saved(array))
    assert recording.findings[0].check == "columns-assumed"
    assert recording.load().equals(EVENTS)


def test_dvs_gesture_needs_its_unit() -> None:
    milliseconds = table("xypt")
    milliseconds[:, 3] //= 1000
    recording = read(saved(milliseconds), named_reader("npy:columns=xypt,unit=ms"))
    assert np.array_equal(recording.load().t, EVENTS.t // 1000 * 1000)
    assert [f.check for f in recording.findings] == ["geometry-assumed"]


def test_a_mapped_file_is_read_in_packets(tmp_path: Path) -> None:
    np.save(tmp_path / "some.npy", records(EVENTS))
    recording = read_file(tmp_path / "some.npy", sensor=Sensor(128, 128))
    assert recording.load().equals(EVENTS)
    packets = list(read(saved(records(EVENTS)), NpyReader(packet_events=200)).packets)
    assert [len(packet) for packet in packets] == [200, 200, 100]


@pytest.mark.parametrize(
    ("array", "sniffed"),
    [
        (records(EVENTS), True),
        (table("txyp"), True),
        (np.zeros((9, 4)), False),
        (np.zeros((9, 3)), False),
        (np.zeros(9), False),
        (np.zeros((3, 4, 5)), False),
        (np.zeros(3, [("a", "i4")]), False),
        (np.array(["a"]), False),
    ],
)
def test_sniffing(array: np.ndarray, *, sniffed: bool) -> None:
    data = memoryview(saved(array))
    assert READER.sniff(ByteSource("some.npy", data)) is sniffed
    assert not READER.sniff(ByteSource("some.npz", data))
    if not sniffed:
        with pytest.raises(FormatError) as e:
            READER.read(ByteSource("some.npy", data))
        assert "--reader npy" in e.value.hint


def test_an_order_of_other_columns_is_no_order() -> None:
    with pytest.raises(InvalidInput, match="is no order"):
        named_reader("npy:columns=xyz")
