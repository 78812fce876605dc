"""DSEC, TUM-VIE and M3ED: absolute times, two cameras, an index that is held against the times."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording
from eventstore.readers.conformance import sample_events
from eventstore.readers.hdf5.dsec import READER, DsecReader
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]
SENSOR = Sensor(34, 34)
EVENTS = sample_events(SENSOR, 1000)
OFFSET = 49_599_300_523


def index_of(t: np.ndarray) -> np.ndarray:
    n = int(t[-1]) // 1000 + 1 if len(t) else 0
    return np.searchsorted(t, np.arange(n) * 1000).astype("u8")


def fill_dsec(file: h5py.File, events: Events = EVENTS, **options: Any) -> None:
    for letter, dtype in {"x": "u2", "y": "u2", "p": "u1", "t": "u4"}.items():
        column = events.column(letter).astype(dtype)
        file.create_dataset(f"events/{letter}", data=column, **options)
    file["ms_to_idx"] = index_of(events.t)
    file["t_offset"] = np.int64(OFFSET)


def read(data: bytes, part: str = "", reader: DsecReader = READER) -> Recording:
    source = ByteSource("some.h5", memoryview(data), part=part)
    return reader.read(source, sensor=SENSOR)


class TestContract(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            for letter in "xyp":
                file[f"events/{letter}"] = events.column(letter)
            file["ms_to_idx"] = index_of(events.t)
            file["events/t"] = events.t
        return stream.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (64,), "compression": "gzip", "maxshape": (None,)},
        {"chunks": (300,), **hdf5plugin.Blosc(cname="zstd")},
        {"chunks": (300,), **hdf5plugin.Zstd()},
        {"chunks": (300,), "compression": "lzf", "fletcher32": True},
    ],
    ids=["plain", "gzip", "blosc", "zstd", "lzf"],
)
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_the_offset_of_time_is_added(saved: Saved, options: Any, libver: str) -> None:
    data = saved(lambda file: fill_dsec(file, **options), libver=libver)
    recording = read(data, reader=DsecReader(packet_events=150))
    assert recording.load().equals(EVENTS.shifted(OFFSET))
    assert not recording.zero_based
    assert recording.meta["t_offset_us"] == str(OFFSET)
    assert recording.findings == []


def test_packets_are_bounded_and_hold_whole_chunks(saved: Saved) -> None:
    data = saved(lambda file: fill_dsec(file, chunks=(64,)))
    packets = list(read(data, reader=DsecReader(packet_events=150)).packets)
    assert [len(packet) for packet in packets] == [128] * 7 + [104]


def fill_m3ed(file: h5py.File) -> None:
    for at, side in enumerate(("left", "right")):
        group = file.create_group(f"prophesee/{side}")
        for letter in "xytp":
            group[letter] = EVENTS.column(letter)[at:]
        group["ms_map_idx"] = index_of(EVENTS.t[at:])
        group["calib/resolution"] = [1280, 720]


def test_two_cameras_are_two_recordings(saved: Saved) -> None:
    data = saved(fill_m3ed)
    source = ByteSource("some.h5", memoryview(data))
    paths = ["prophesee/left", "prophesee/right"]
    assert READER.parts(source) == [Part(name=path) for path in paths]
    for at, path in enumerate(paths):
        recording = READER.read(source.of_part(path))
        assert recording.sensor == Sensor(1280, 720)
        assert recording.zero_based
        assert recording.load().equals(EVENTS[at:])
        assert recording.findings == []
    with pytest.raises(InvalidInput, match="holds 2 recordings: prophesee/left"):
        READER.read(source)
    with pytest.raises(NotFound, match="prophesee/middle"):
        READER.read(source.of_part("prophesee/middle"))


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index + 1,
        lambda index: np.maximum(index, 1) - 1,
        lambda index: index[::-1],
        lambda index: np.concatenate([index[:100], index[100:] + 500]),
        lambda index: index[1:],
    ],
    ids=["late", "early", "reversed", "jump", "shifted"],
)
def test_an_index_that_does_not_fit_is_reported_and_the_events_are_read(
    saved: Saved, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    def fill(file: h5py.File) -> None:
        fill_dsec(file)
        del file["ms_to_idx"]
        file["ms_to_idx"] = change(index_of(EVENTS.t))

    recording = read(saved(fill), reader=DsecReader(packet_events=300))
    assert len(recording.load()) == len(EVENTS)
    assert [f.check for f in recording.findings] == ["index-disagrees"]


def test_times_that_run_back_are_kept(saved: Saved) -> None:
    t = np.array([5, 9_000, 8_000, 9_500])
    events = Events.of(t=t, x=[1, 2, 3, 4], y=[0] * 4, p=[0, 1, 0, 1])

    def fill(file: h5py.File) -> None:
        for letter in "xytp":
            file[f"events/{letter}"] = events.column(letter)
        file["t_offset"] = 0

    recording = read(saved(fill))
    assert recording.zero_based
    assert recording.load().equals(events)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.move("events/p", "events/polarity"), r"no dataset events/p; .*polarity"),
        (lambda f: _replace(f, "events/x", EVENTS.x[:-1]), "columns differ in length"),
        (lambda f: _replace(f, "events/x", EVENTS.x.astype("i8") - 1), "column x out of range"),
        (lambda f: _replace(f, "events/p", EVENTS.p + 5), "column p out of range in row 0"),
        (lambda f: _replace(f, "events/t", EVENTS.t.astype("S9")), "column t is not numbers"),
        (lambda f: _replace(f, "t_offset", 2.5), "t_offset is no number"),
        (lambda f: _replace(f, "t_offset", np.uint64((1 << 63) + 5)), "column t out of range"),
    ],
)  # fmt: skip
def test_a_wrong_layout_names_what_is_wrong(
    saved: Saved, change: Callable[[h5py.File], object], said: str
) -> None:
    def fill(file: h5py.File) -> None:
        fill_dsec(file)
        change(file)

    with pytest.raises(FormatError, match=said) as e:
        read(saved(fill)).load()
    assert e.value.hint


def _replace(file: h5py.File, path: str, values: Any) -> None:
    del file[path]
    file[path] = values


SCRIPT = """
import resource, sys
from eventstore.readers import read_file
from pathlib import Path
import eventstore.readers.hdf5.dsec
n = 0
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for packet in read_file(Path(sys.argv[1])).packets:
    n += len(packet)
print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("chunks", [None, (1 << 16,)])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, chunks: Any) -> None:
    grown = []
    for millions in (1, 10):
        path = tmp_path / f"{millions}.h5"
        with h5py.File(path, "w") as file:
            n = millions * 1_000_000
            t = np.arange(n, dtype="u4")
            for letter, column in {"t": t, "x": t % 600, "y": t % 400, "p": t % 2}.items():
                file.create_dataset(f"events/{letter}", data=column.astype("u4"), chunks=chunks)
            file["ms_to_idx"] = np.arange(n // 1000, dtype="u8") * 1000
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True
        )
        events, kilobytes = map(int, done.stdout.split())
        assert events == n
        grown.append(kilobytes)
    assert grown[1] < grown[0] + 16_000, f"kB beyond the imports: {grown}"
