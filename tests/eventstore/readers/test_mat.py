"""The MATLAB reader: ASL-DVS, structures, ST-MNIST, and files without events."""

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file
from eventstore.readers.conformance import sample_events
from eventstore.readers.mat import READER, MatReader
from eventstore.readers.options import named_reader
from eventstore.testing import ReaderContract

EVENTS = sample_events(Sensor(240, 180), 200)
NAMES = {"ts": "t", "x": "x", "y": "y", "pol": "p"}


def saved(variables: dict[str, Any], *, packed: bool = True) -> bytes:
    stream = io.BytesIO()
    savemat(stream, variables, do_compression=packed, oned_as="column")
    return stream.getvalue()


def saved_73(variables: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", userblock_size=512) as file:
        for name, values in variables.items():
            file[name.replace(".", "/")] = np.atleast_2d(values)
    return stream.getvalue()


def columns(events: Events = EVENTS, dtype: str = "f8") -> dict[str, np.ndarray]:
    return {name: events.column(letter).astype(dtype) for name, letter in NAMES.items()}


def read(data: bytes, reader: Any = READER, **options: Any) -> Recording:
    recording: Recording = reader.read(ByteSource("some.mat", memoryview(data)), **options)
    return recording


class TestContract(ReaderContract):
    reader = READER
    streams = False  # columns lie one behind the other: a cut one takes all with it

    def encode(self, events: Events) -> bytes:
        return saved(columns(events), packed=len(events) % 2 == 0)


class TestContract73(TestContract):
    def encode(self, events: Events) -> bytes:
        return saved_73(columns(events))


@pytest.mark.parametrize("dtype", ["f8", "u4", "i4"])
@pytest.mark.parametrize("packed", [False, True])
def test_columns_of_asl_dvs(dtype: str, *, packed: bool) -> None:
    data = saved(columns(dtype=dtype), packed=packed)
    recording = read(data, MatReader(packet_events=90))
    assert recording.meta == {"unit": "us"}
    packets = list(recording.packets)
    assert [len(packet) for packet in packets] == [90, 90, 20]
    assert Events.concatenate(packets).equals(EVENTS)
    assert loadmat(io.BytesIO(data))["ts"].ravel().tolist() == EVENTS.t.tolist()


@pytest.mark.parametrize("make", [saved, saved_73])
def test_columns_in_a_structure(make: Any) -> None:
    inside: dict[str, Any] = {"x": np.zeros(3)}
    if make is saved:
        inside["TD"] = columns()
    else:
        inside |= {f"TD.{name}": values for name, values in columns().items()}
    assert read(make(inside)).load().equals(EVENTS)


def test_other_names_and_units() -> None:
    data = saved(
        {f"my_{name}": values / (1e6 if name == "ts" else 1) for name, values in columns().items()}
    )
    reader = named_reader("mat:names=my_ts/my_x/my_y/my_pol")
    assert READER.sniff(ByteSource("some.mat", memoryview(data))) is False
    assert reader.sniff(ByteSource("some.mat", memoryview(data)))
    recording = read(data, reader)
    assert (recording.meta["unit"], recording.load().equals(EVENTS)) == ("s", True)
    with pytest.raises(FormatError, match=r"expected a/b; found my_ts\[200, 1\]"):
        read(data, named_reader("mat:names=a/b"))
    with pytest.raises(InvalidInput, match="'t,x' is not t/x/y/p"):
        MatReader(names="t,x")


def test_real_taxels(shared_data: Path) -> None:
    path = shared_data / "recordings/stmnist.mat"
    recording = read_file(path)
    assert (recording.reader, recording.sensor) == ("mat", Sensor(10, 10))
    events = recording.load()
    matrix = loadmat(path)["spiketrain"]
    column, taxel = np.nonzero(matrix[:100].T)
    assert len(events) == 2346
    assert np.array_equal(events.t, np.rint(matrix[100, column] * 1e6))
    assert np.array_equal(events.x + 10 * events.y, taxel)
    assert np.array_equal(events.p, matrix[taxel, column] > 0)


@pytest.mark.parametrize("make", [saved, saved_73])
def test_taxels_that_fire_at_once_come_in_order(make: Any) -> None:
    matrix = np.zeros((5, 3))
    matrix[:4] = [[1, 0, 0], [0, 0, 0], [-1, 0, 1], [0, 0, 1]]
    matrix[4] = [0.5, 0.6, 0.7]
    data = make({"spiketrain": matrix if make is saved else matrix.T})
    events = read(data).load()
    assert [column.tolist() for column in events] == [
        [500_000, 500_000, 700_000, 700_000],
        [0, 0, 0, 1],
        [0, 1, 1, 1],
        [1, 0, 1, 1],
    ]


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.zeros((5, 3, 2)), "spiketrain is no matrix of taxels"),
        (np.zeros((6, 3)), "expected n × n \\+ 1 rows"),
        (np.zeros((1, 3)), "is no matrix of taxels"),
        (np.full((5, 3), 2.0), "a spike that is none; expected 0, 1 or -1; found 2.0"),
        (np.full((5, 3), np.nan), "a spike that is none"),
    ],
)
def test_matrices_of_something_else_are_refused(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read(saved({"spiketrain": matrix})).load()


def test_no_spikes() -> None:
    recording = read(saved({"spiketrain": np.zeros((5, 0))}))
    assert (len(recording.load()), recording.findings[0].check) == (0, "no-events")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"weights": np.zeros((3, 3))}, r"no vectors of events; .*found weights\[3, 3\]"),
        ({"ts": [1, 2], "x": [1], "y": [1, 2], "pol": [1, 0]}, "columns differ in length"),
        ({"ts": [1, 2], "x": [1, -1], "y": [1, 2], "pol": [1, 0]}, "column x out of range"),
    ],
)
def test_files_without_events_are_refused(variables: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        read(saved(variables)).load()
    assert "--reader mat:names" in e.value.hint


def test_a_cut_behind_the_columns_is_said() -> None:
    data = saved({**columns(), "zz": np.random.default_rng(0).normal(size=500)})
    recording = read(data[:-100])
    assert recording.load().equals(EVENTS)
    assert "cut-file" in {f.check for f in recording.findings}
    with pytest.raises(FormatError, match="is cut"):
        read(data[:400])
