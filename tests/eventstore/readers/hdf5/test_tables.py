"""Columns, records and tables of any name in HDF5, and files that hold none."""

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording
from eventstore.readers.conformance import sample_events
from eventstore.readers.hdf5.tables import READER, Hdf5Reader
from eventstore.readers.open import find_reader
from eventstore.readers.options import named_reader
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]
EVENTS = sample_events(Sensor(34, 34), 200)


class TestContract(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            empty = [
                file.create_dataset(f"dvs/{n}", (len(events),), "i8")
                for n in ("xs", "ys", "ts", "ps")
            ]
            for dataset, letter in zip(empty, "xytp", strict=True):
                dataset[:] = events.column(letter)
        return stream.getvalue()


def read(data: bytes, part: str = "", reader: Any = READER) -> Recording:
    recording: Recording = reader.read(ByteSource("some.h5", memoryview(data), part=part))
    return recording


def fields(**types: str) -> np.ndarray:
    found = np.zeros(len(EVENTS), list(types.items()))
    for name, letter in zip(types, "txyp", strict=True):
        found[name] = EVENTS.column(letter)
    return found


def table(order: str, dtype: str = "f8") -> np.ndarray:
    return np.stack([EVENTS.column(letter).astype(dtype) for letter in order], axis=1)


PLACES: dict[str, Callable[[h5py.File], object]] = {
    "columns at the root": lambda f: [
        f.create_dataset(letter, data=EVENTS.column(letter)) for letter in "txyp"
    ],
    "columns of evlib, in s": lambda f: [
        f.create_dataset(f"events/{n}s", data=EVENTS.column(n) / (1e6 if n == "t" else 1))
        for n in "txyp"
    ],
    "records": lambda f: f.create_dataset("a/b", data=fields(ts="<u8", x="u2", y="u2", on="?")),
    "table of 3ET": lambda f: f.create_dataset("events", data=table("txyp")),
    "integers, deflated": lambda f: f.create_dataset(
        "events", data=table("xypt", "i4"), chunks=(30, 4), compression="gzip"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_events_are_found_wherever_they_are(saved: Saved, name: str, libver: str) -> None:
    data = saved(PLACES[name], libver=libver)
    assert find_reader(ByteSource("some.h5", memoryview(data))).name == "hdf5"
    assert read(data).load().equals(EVENTS)


def test_an_order_that_is_assumed_is_said(saved: Saved) -> None:
    data = saved(PLACES["table of 3ET"])
    assert [f.check for f in read(data).findings] == ["columns-assumed", "geometry-assumed"]
    given = read(data, reader=named_reader("hdf5:columns=txyp,unit=us"))
    assert [f.check for f in given.findings] == ["geometry-assumed"]
    assert given.load().equals(EVENTS)


@pytest.mark.parametrize(("unit", "scale"), [("s", 10**6), ("ms", 1000), ("us", 1)])
def test_the_unit_can_be_given(saved: Saved, unit: str, scale: int) -> None:
    data = saved(PLACES["table of 3ET"])
    recording = read(data, reader=named_reader(f"hdf5:unit={unit}"))
    assert np.array_equal(recording.load().t, EVENTS.t * scale)


def test_several_places_are_several_recordings(saved: Saved) -> None:
    def fill(file: h5py.File) -> None:
        for key in ("a", "b"):
            for name in ("ts", "x", "y", "p"):
                file[f"{key}/TD/{name}"] = EVENTS.column(name[0])[:5]
            for name in ("ts", "x", "y", "id"):
                file[f"{key}/Obj/{name}"] = np.zeros(3)

    data = saved(fill)
    assert READER.parts(ByteSource("some.h5", memoryview(data))) == [
        Part(name="a/TD"),
        Part(name="b/TD"),
    ]
    assert read(data, "b/TD").load().equals(EVENTS[:5])
    with pytest.raises(InvalidInput, match="holds 2 recordings"):
        read(data)


def test_channels_make_audio(saved: Saved) -> None:
    def fill(file: h5py.File) -> None:
        file["spikes/times"] = np.array([0.5, 0.25], np.float16)
        file["spikes/channel"] = np.array([3, 699], "u2")

    recording = read(saved(fill))
    assert recording.sensor == Sensor.audio(700)
    assert recording.load().t.tolist() == [500_000, 250_000]


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (lambda f: f.create_dataset("weights", data=np.zeros((4, 4))), "found weights"),
        (lambda f: None, "found an empty group"),
        (lambda f: f.create_dataset("events", data=np.zeros((9, 4))), "in an order that is known"),
        (lambda f: f.create_dataset("events", data=np.zeros((9, 5))), "no columns of events"),
        (lambda f: [f.create_dataset(n, data=[1, 2][: 1 + (n == "t")]) for n in "txyp"],
         "columns differ in length"),
    ],
)  # fmt: skip
def test_files_without_events_are_refused(saved: Saved, fill: Any, said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        read(saved(fill))
    assert "--reader hdf5" in e.value.hint


def test_an_order_of_other_columns_is_no_order() -> None:
    with pytest.raises(InvalidInput, match="'txy' is no order"):
        Hdf5Reader(columns="txy")


def test_vectors_kept_as_matrices_of_one_row_are_columns() -> None:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, values in {
            "ts": [5.0, 9.0],
            "x": [2.0, 3.0],
            "y": [4.0, 6.0],
            "p": [1.0, -1.0],
        }.items():
            file[f"rec1/TD/{name}"] = np.array([values])
    source = ByteSource("labelled_ebssa.h5", memoryview(stream.getvalue()))
    events = READER.read(source).load()
    assert [column.tolist() for column in events] == [[5, 9], [2, 3], [4, 6], [1, 0]]
