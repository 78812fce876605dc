"""The numpy reader: columns under their names, and archives that lie, never unpickled."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file
from eventstore.readers.npz import READER, NpzReader

T, X, Y, P = [5, 9], [1, 2], [3, 4], [1, 0]
ONE = Events.of(t=T, x=X, y=Y, p=P)


def _saved(*, compressed: bool = False, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def _open(data: bytes, reader: NpzReader = READER, sensor: Sensor | None = None) -> Recording:
    return reader.read(ByteSource("some.npz", memoryview(data)), sensor=sensor)


TABLE = np.array(
    list(zip(T, X, Y, P, strict=True)), [("t", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")]
)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "arrays",
    [
        {"t": T, "x": X, "y": Y, "p": P},
        {"t": T, "x": X, "y": Y, "p": [1, -1]},
        {"t": T, "x": X, "y": Y, "p": np.array(P, bool)},
        {"t": np.array(T) / 1e6, "x": np.array(X, np.float32), "y": Y, "p": np.array(P, float)},
        {"ts": np.array(T, np.uint64), "xs": X, "ys": Y, "polarity": P, "label": "seven"},
        {"t": np.array(T, ">i8"), "x": np.array(X, ">u2"), "y": Y, "p": P},
        {"events": TABLE},
        {"t": T, "x": X, "y": Y, "p": P, "frames": np.zeros((2, 3, 4)), "note": [None]},
    ],
)
def test_spellings_of_the_same_two_events(arrays: dict[str, Any], compressed: bool) -> None:
    assert _open(_saved(compressed=compressed, **arrays)).load().equals(ONE)


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
    assert _open(data, sensor=Sensor(5, 5)).sensor == Sensor(5, 5)
    assert _open(data).findings[0].message == "geometry not in file, assumed 34×34"
    with pytest.raises(FormatError, match=r"event outside the sensor.*y to 4"):
        _open(data, sensor=Sensor(4, 4))


def test_packets_and_origin() -> None:
    data = _saved(t=np.arange(7) + 2**41, x=[0] * 7, y=[0] * 7, p=[0] * 7)
    recording = _open(data, NpzReader(packet_events=3))
    assert not recording.zero_based
    assert [len(packet) for packet in recording.packets] == [3, 3, 1]


def test_no_events_warns() -> None:
    recording = _open(_saved(t=[], x=[], y=[], p=[]))
    assert len(recording.load()) == 0
    assert recording.findings[0].check == "no-events"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X, "y": Y, "p": P}, r"no event columns; .*found x\[2\], y\[2\], p\[2\]"),
        ({"events": np.zeros((5, 4))}, r"no event columns; .*found events\[5, 4\]"),
        ({"t": T, "x": [1], "y": Y, "p": P}, r"columns differ in length.*x\[1\]"),
        ({"t": [T], "x": [X], "y": [Y], "p": [P]}, r"one-dimensional columns; found t\[1, 2\]"),
        ({"t": T, "x": [1, -1], "y": Y, "p": P}, "column x out of range.*-1 … 1"),
        ({"t": T, "x": [1, 2**16], "y": Y, "p": P}, "column x out of range.*65536"),
        ({"t": T, "x": [1, 1.5], "y": Y, "p": P}, "column x has fractions"),
        ({"t": T, "x": X, "y": Y, "p": [0, 2]}, "column p out of range"),
        ({"t": [0.0, np.nan], "x": X, "y": Y, "p": P}, "column t out of range.*nan"),
        ({"t": [0.0, 1e308], "x": X, "y": Y, "p": P}, "column t out of range.*inf"),
        ({"t": np.array([0, 2**63], np.uint64), "x": X, "y": Y, "p": P}, "column t out of range"),
        ({"t": ["a", "b"], "x": X, "y": Y, "p": P}, "column t is not numbers"),
        ({"t": T, "x": X, "y": Y, "p": P, "width": [3, 4], "height": 1}, "width is no scalar"),
        ({"t": T, "x": X, "y": Y, "p": P, "width": 0, "height": 1}, "column width out of range"),
    ],
)
def test_arrays_that_are_no_events_are_refused(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        _open(_saved(**arrays))
    assert "savez" in e.value.hint


class _Trap:
    """Fails the test where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("unpickled an object",))


def test_objects_are_never_unpickled() -> None:
    trap = np.array([_Trap(), _Trap()], object)
    with pytest.raises(FormatError, match=r"t\.npy: array of Python objects is not unpickled"):
        _open(_saved(t=trap, x=X, y=Y, p=P))


def _with_header(shape: str, data: bytes = b"\0" * 16) -> bytes:
    header = f"{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    member = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("t.npy", member)
    return stream.getvalue()


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(-2,)", "(-1, -2)", "(3,)", "(1,)", "(2", "(2.5,)", "x"]
)
def test_an_array_that_lies_about_its_size_is_refused_before_memory_is_taken(shape: str) -> None:
    with pytest.raises(FormatError, match=r"t\.npy.*: (array of the wrong size|not a numpy array)"):
        _open(_with_header(shape))


def test_a_file_cut_anywhere_is_an_error() -> None:
    whole = _saved(t=T, x=X, y=Y, p=P)
    for size in range(0, len(whole), 11):
        with pytest.raises(FormatError, match=r"some\.npz"):
            _open(whole[:size])


@given(st.data())
def test_flipped_bytes_are_an_error_or_the_same_events(data: st.DataObject) -> None:
    whole = bytearray(_saved(t=T, x=X, y=Y, p=P))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        events = _open(bytes(whole)).load()
    except FormatError:
        return
    assert events.equals(ONE)


def test_sniffing_looks_for_the_names() -> None:
    def sniffs(data: bytes, name: str = "some.npz") -> bool:
        return READER.sniff(ByteSource(name, memoryview(data)))

    assert sniffs(_saved(t=T))
    assert sniffs(_saved(events=TABLE), "some.NPZ")
    assert not sniffs(_saved(weights=[1.0]))
    assert not sniffs(_saved(t=T), "some.zip")
    assert not sniffs(b"text")
