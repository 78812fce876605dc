"""Prophesee's HDF5: records plain, deflated or packed with ECF, triggers, facts, geometry."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording
from eventstore.readers.conformance import sample_events
from eventstore.readers.hdf5.ecf import READER, EcfReader
from eventstore.readers.hdf5.filters import ECF
from eventstore.side import SideTable
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]

RECORD = np.dtype(
    {"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "<i2", "<i8"],
     "offsets": [0, 2, 4, 8], "itemsize": 16}
)  # fmt: skip
TRIGGER = np.dtype(
    {"names": ["p", "t", "id"], "formats": ["<i2", "<i8", "<i2"], "offsets": [0, 8, 16],
     "itemsize": 24}
)  # fmt: skip
SENSOR = Sensor(640, 480)
EVENTS = sample_events(SENSOR, 1000)


def _encoder() -> ModuleType:
    """Return the encoder of the codec's own test, a file beside this one."""
    path = Path(__file__).with_name("test_ecf_codec.py")
    spec = importlib.util.spec_from_file_location("ecf_encoder", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENCODER = _encoder()


def records(events: Events) -> np.ndarray:
    found = np.zeros(len(events), RECORD)
    for letter in "xypt":
        found[letter] = events.column(letter)
    return found


class TestContract(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            empty = file.create_dataset("CD/events", (len(events),), RECORD)
            empty[:] = records(events)
        return stream.getvalue()


def packed(
    file: h5py.File,
    events: Events = EVENTS,
    *,
    chunk: int = 300,
    full: bool = False,
    damage: Callable[[bytes], bytes] = bytes,
) -> None:
    """Store events as Prophesee's writer does: chunks of ECF, the last one shorter.

    The plug-in of HDF5 writes it ``full`` instead, with zeroes behind the last event.
    """
    file.attrs["geometry"] = "640x480"
    file.attrs["serial_number"] = "00042"
    file.attrs["generation"] = np.float64(4.1)
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((chunk,))
    creation.set_filter(ECF, h5py.h5z.FLAG_OPTIONAL)
    space = h5py.h5s.create_simple((len(events),), (h5py.h5s.UNLIMITED,))
    file.create_group("CD")
    kind = h5py.h5t.py_create(RECORD)
    dataset = h5py.h5d.create(file.id, b"CD/events", kind, space, creation)
    for number, at in enumerate(range(0, len(events), chunk)):
        part = events[at : at + chunk]
        if full and len(part) < chunk:
            part = Events.concatenate(
                [part, Events.empty(chunk - len(part)).shifted(int(part.t[-1]))]
            )
        raw = ENCODER.encode(part, ENCODER.STYLES[number % 3])
        dataset.write_direct_chunk((at,), damage(raw) if number == 1 else raw)


def read(data: bytes, **options: Any) -> Recording:
    source = ByteSource("some.hdf5", memoryview(data))
    return EcfReader(**options).read(source)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("full", [False, True])
def test_packed_chunks(saved: Saved, libver: str, *, full: bool) -> None:
    data = saved(lambda file: packed(file, full=full), libver=libver)
    recording = read(data, packet_events=700)
    packets = list(recording.packets)
    assert [len(packet) for packet in packets] == [600, 400]
    assert Events.concatenate(packets).equals(EVENTS)
    assert recording.sensor == SENSOR
    assert recording.meta == {"unit": "us", "serial_number": "00042"}
    assert read(data, packet_events=70).load().equals(EVENTS)


@pytest.mark.parametrize(
    "options",
    [{}, {"chunks": (64,), "compression": "gzip"}, {"chunks": (64,), "compression": "lzf"}],
    ids=["plain", "gzip", "lzf"],
)
def test_other_packings(saved: Saved, options: Any) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("CD/events", data=records(EVENTS), **options)

    recording = read(saved(fill))
    assert recording.load().equals(EVENTS)
    assert recording.findings[0].check == "geometry-assumed"


def test_a_chunk_that_ecf_was_left_out_of(saved: Saved) -> None:
    def fill(file: h5py.File) -> None:
        packed(file)
        raw = records(EVENTS[300:600]).tobytes()
        file["CD/events"].id.write_direct_chunk((300,), raw, filter_mask=1)

    assert read(saved(fill)).load().equals(EVENTS)


def test_without_geometry_it_is_assumed_from_all_chunks(saved: Saved) -> None:
    def fill(file: h5py.File) -> None:
        packed(file)
        file.attrs["geometry"] = "wide"

    assert read(saved(fill)).sensor == SENSOR


def test_triggers_are_a_side_stream(saved: Saved) -> None:
    def fill(file: h5py.File) -> None:
        packed(file)
        rows = np.array([(1, 50, 0), (0, 70, 0), (1, 90, 6)], TRIGGER)
        file.create_dataset("EXT_TRIGGER/events", data=rows, chunks=(2,), maxshape=(None,))

    recording = read(saved(fill))
    triggers = SideTable.concatenate("triggers", list(recording.side["triggers"]()))
    assert {name: column.tolist() for name, column in triggers.columns.items()} == {
        "t": [50, 70, 90],
        "channel": [0, 0, 6],
        "edge": [1, 0, 1],
    }
    assert read(saved(packed)).side == {}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda raw: raw[:-1], "expected an ECF chunk; found it ends inside of a column"),
        (lambda raw: b"ECF!", "a damaged chunk of events; expected 300 events; found 0"),
        (lambda raw: (299 << 2).to_bytes(4, "little") + raw[4:], "expected 300 events; found 299"),
        (lambda raw: b"\xff" * len(raw), "a damaged chunk of events"),
    ],
)
def test_a_damaged_chunk_is_an_error_behind_the_chunks_before(
    saved: Saved, damage: Callable[[bytes], bytes], said: str
) -> None:
    recording = read(saved(lambda file: packed(file, damage=damage)), packet_events=300)
    assert next(recording.packets).equals(EVENTS[:300])
    with pytest.raises(FormatError, match=said) as e:
        next(recording.packets)
    assert e.value.offset is not None


def test_a_cut_file_gives_whole_chunks(saved: Saved) -> None:
    data = saved(packed, libver="earliest")
    counts = set()
    for size in range(len(data) - 1, 0, -37):
        try:
            recording = read(data[:size])
            events = recording.load()
        except FormatError:
            continue
        assert events.equals(EVENTS[: len(events)])
        assert len(events) % 300 in {0, 100}
        assert len(events) == 1000 or recording.findings[-1].check in {"cut-file", "no-events"}
        counts.add(len(events))
    assert len(counts) > 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros((5, 4)), None),
        (np.zeros(5, [("x", "<u2"), ("t", "<i8")]), "no columns of events; .*found fields x t"),
        (np.zeros(5), "no columns of events"),
    ],
)
def test_other_records_are_refused(saved: Saved, values: np.ndarray, said: str | None) -> None:
    data = saved(lambda file: file.create_dataset("CD/events", data=values))
    with pytest.raises(FormatError, match=said):
        read(data).load()
