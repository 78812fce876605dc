"""The numpy reader: columns under their names, and archives that lie, never unpickled."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file
from eventstore.readers.npz import READER, NpzReader
from eventstore.readers.options import named_reader
from eventstore.testing import ReaderContract

T, X, Y, P = [5, 9, 20], [1, 20, 3], [9, 4, 7], [1, 0, 1]
THREE = Events.of(t=T, x=X, y=Y, p=P)
ROWS = np.stack([X, Y, P, T], axis=1)


def _saved(*, compressed: bool = False, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def _open(data: bytes, reader: Any = READER, sensor: Sensor | None = None) -> Recording:
    recording: Recording = reader.read(ByteSource("some.npz", memoryview(data)), sensor=sensor)
    return recording


class TestStored(ReaderContract):
    reader = READER
    streams = False  # the list of members stands at the end

    def encode(self, events: Events) -> bytes:
        return _saved(t=events.t, x=events.x, y=events.y, p=events.p)


class TestPacked(TestStored):
    def encode(self, events: Events) -> bytes:
        return _saved(compressed=True, t=events.t, x=events.x, y=events.y, p=events.p)


TABLE = np.array(
    list(zip(T, X, Y, P, strict=True)), [("t", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")]
)
TURNED = [("on", "i1"), ("x", "i1"), ("time", "i1"), ("y", "i1")]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "arrays",
    [
        {"t": T, "x": X, "y": Y, "p": P},
        {"t": T, "x": X, "y": Y, "p": [1, -1, 1]},
        {"t": T, "x": X, "y": Y, "p": np.array(P, bool)},
        {"t": np.array(T) / 1e6, "x": np.array(X, np.float32), "y": Y, "p": np.array(P, float)},
        {"t": np.array(T, float), "x": X, "y": Y, "p": P},
        {"ts": np.array(T, np.uint64), "xs": X, "ys": Y, "polarity": P, "label": "seven"},
        {"t": np.array(T, ">i8"), "x": np.array(X, ">u2"), "y": Y, "p": P},
        {"events": TABLE},
        {"data": np.array(list(zip(P, X, T, Y, strict=True)), "i1,i1,i1,i1").view(TURNED)},
        {"t": T, "x": X, "y": Y, "p": P, "frames": np.zeros((2, 3, 4)), "note": [None]},
    ],
)
def test_spellings_of_the_same_events(arrays: dict[str, Any], *, compressed: bool) -> None:
    assert _open(_saved(compressed=compressed, **arrays)).load().equals(THREE)


@pytest.mark.parametrize("order", ["F", "C"])
def test_tables_of_nerdd(order: Any) -> None:
    reader = named_reader("npz:columns=xypt")
    data = _saved(data=np.asarray(ROWS, order=order))
    assert _open(data, reader).load().equals(THREE)
    many = np.concatenate([ROWS + np.array([0, 0, 0, 50 * i]) for i in range(20)])
    guessed = _open(_saved(data=np.asarray(many, order=order)))
    assert guessed.findings[0].check == "columns-assumed"
    assert np.array_equal(guessed.load().t, many[:, 3])


def test_audio_has_times_and_channels() -> None:
    recording = _open(_saved(times=[0.25], t=np.array([0.5], np.float16), units=[699]))
    assert recording.sensor == Sensor.audio(700)
    events = recording.load()
    assert (events.t.tolist(), events.x.tolist(), events.p.tolist()) == ([500_000], [699], [1])
    given_width = _open(_saved(t=[5], c=[3], width=16))
    assert (given_width.sensor, given_width.findings) == (Sensor.audio(16), [])


def test_geometry_is_stated_given_or_assumed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", t=T, x=X, y=Y, p=P, width=64, height=48)
    assert read_file(tmp_path / "a.npz").sensor == Sensor(64, 48)
    data = _saved(t=T, x=X, y=Y, p=P)
    assert _open(data, sensor=Sensor(50, 50)).sensor == Sensor(50, 50)
    assert _open(data).findings[0].message == "geometry not in file, assumed 34×34"


@pytest.mark.parametrize("compressed", [False, True])
def test_packets_and_origin(*, compressed: bool) -> None:
    t = np.arange(7) + 2**41
    data = _saved(compressed=compressed, t=t, x=[0] * 7, y=[0] * 7, p=[0] * 7)
    recording = _open(data, NpzReader(packet_events=3))
    assert not recording.zero_based
    assert [len(packet) for packet in recording.packets] == [3, 3, 1]


def test_no_events_warns() -> None:
    recording = _open(_saved(t=[], x=[], y=[], p=[]))
    assert len(recording.load()) == 0
    assert recording.findings[-1].check == "no-events"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X, "y": Y, "p": P}, r"no event columns; .*found x\[3\], y\[3\], p\[3\]"),
        ({"events": np.zeros((5, 4))}, r"no columns of events; .*found float64\[5, 4\]"),
        ({"events": np.zeros((5, 3))}, r"no event columns; .*found events\[5, 3\]"),
        ({"t": T, "x": [1], "y": Y, "p": P}, r"columns differ in length.*x\[1\]"),
        ({"t": [T], "x": [X], "y": [Y], "p": [P]}, r"one-dimensional columns.*found t\[1, 3\]"),
        ({"t": T, "x": [1, -1, 2], "y": Y, "p": P}, "column x out of range in row 1.*found -1"),
        ({"t": T, "x": [1, 2**16, 2], "y": Y, "p": P}, "column x out of range.*65536"),
        ({"t": T, "x": [1, 1.5, 2], "y": Y, "p": P}, "column x has a fraction in row 1"),
        ({"t": T, "x": X, "y": Y, "p": [0, 2, 1]}, "column p out of range in row 1"),
        ({"t": [0.5, np.nan, 1], "x": X, "y": Y, "p": P}, "column t out of range.*nan"),
        ({"t": [0.5, 1e308, 1], "x": X, "y": Y, "p": P}, "column t out of range.*1e.308"),
        ({"t": np.array([0, 2**63, 1], np.uint64), "x": X, "y": Y, "p": P}, "column t out of"),
        ({"t": ["a", "b", "c"], "x": X, "y": Y, "p": P}, "column t is not numbers"),
        ({"t": T, "x": X, "y": Y, "p": P, "width": [3, 4], "height": 1}, "width is no scalar"),
        ({"t": T, "x": X, "y": Y, "p": P, "width": 0, "height": 1}, "column width out of range"),
    ],
)
def test_arrays_that_are_no_events_are_refused(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        _open(_saved(**arrays)).load()
    assert "savez" in e.value.hint


class _Trap:
    """Fails the test where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("unpickled an object",))


def test_objects_are_never_unpickled() -> None:
    trap = np.array([_Trap(), _Trap()], object)
    with pytest.raises(FormatError, match=r"t\.npy: array of Python objects is not unpickled"):
        _open(_saved(t=trap, x=X, y=Y, p=P))


def test_a_file_cut_anywhere_is_an_error() -> None:
    whole = _saved(t=T, x=X, y=Y, p=P)
    for size in range(0, len(whole), 11):
        with pytest.raises(FormatError, match=r"some\.npz"):
            _open(whole[:size])


@given(st.data(), st.booleans())
def test_flipped_bytes_are_an_error_or_the_same_events(data: st.DataObject, packed: bool) -> None:
    whole = bytearray(_saved(compressed=packed, t=T, x=X, y=Y, p=P))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        events = _open(bytes(whole)).load()
    except FormatError:
        return
    assert events.equals(THREE)


def test_sniffing_looks_for_the_names() -> None:
    def sniffs(data: bytes, name: str = "some.npz") -> bool:
        return READER.sniff(ByteSource(name, memoryview(data)))

    assert sniffs(_saved(t=T, x=X, y=Y, p=P))
    assert sniffs(_saved(t=T, c=X))
    assert sniffs(_saved(events=TABLE), "some.NPZ")
    assert sniffs(_saved(data=ROWS))
    assert not sniffs(_saved(t=T))
    assert not sniffs(_saved(data=ROWS[:, :3]))
    assert not sniffs(_saved(weights=[1.0]))
    assert not sniffs(_saved(t=T, x=X, y=Y, p=P), "some.zip")
    assert not sniffs(b"text")


def test_an_order_of_other_columns_is_no_order() -> None:
    with pytest.raises(InvalidInput, match="is no order"):
        NpzReader(columns="xyz")


def test_a_table_of_n_imagenet_is_found_by_its_name() -> None:
    kind = [("x", "<u2"), ("y", "<u2"), ("t", "<u4"), ("p", "?")]
    data = _saved(event_data=np.array([(3, 4, 100, True), (5, 6, 200, False)], kind))
    events = READER.read(ByteSource("n01440764_1.npz", memoryview(data))).load()
    assert [column.tolist() for column in events] == [[100, 200], [3, 5], [4, 6], [1, 0]]
