"""The npz writer: numpy and our reader find the events again, exactly."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor
from eventstore.plugin_options import named_plugin
from eventstore.readers import read_file
from eventstore.strategies import events
from eventstore.writers import WRITERS
from eventstore.writers.npz import WRITER, NpzWriter

SENSOR = Sensor(346, 260)


@given(events(SENSOR), st.integers(-(2**60), 2**60), st.integers(1, 20), st.booleans())
def test_events_come_back_exactly(table: Events, start: int, packet: int, compress: bool) -> None:
    absolute = table.shifted(start)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        packets = (absolute[at : at + packet] for at in range(0, len(absolute), packet))
        NpzWriter(compress=compress).write(path, packets, sensor=SENSOR)
        recording = read_file(path)
        assert (recording.reader, recording.sensor) == ("npz", SENSOR)
        assert recording.load().equals(absolute)
        with np.load(path) as arrays:
            assert sorted(arrays) == ["height", "p", "t", "width", "x", "y"]
            for letter in "txyp":
                assert arrays[letter].dtype == absolute.column(letter).dtype
                assert np.array_equal(arrays[letter], absolute.column(letter))


def test_audio_keeps_times_and_channels(tmp_path: Path) -> None:
    table = Events.of(t=[5, 9], x=[3, 63])
    WRITER.write(tmp_path / "a.npz", [table], sensor=Sensor.audio(64))
    with np.load(tmp_path / "a.npz") as arrays:
        assert sorted(arrays) == ["c", "t", "width"]
    recording = read_file(tmp_path / "a.npz")
    assert recording.sensor == Sensor.audio(64)
    assert recording.load().equals(table)


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    table = Events.of(t=[5, 9], x=[3, 4], y=[1, 2], p=[0, 1])
    for name in ("a.npz", "b.npz"):
        WRITER.write(tmp_path / name, [table], sensor=SENSOR)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    smaller = named_plugin(WRITERS, "npz:compress=yes", what="writer")
    smaller.write(tmp_path / "c.npz", [Events.empty(9999)], sensor=SENSOR)
    assert (tmp_path / "c.npz").stat().st_size < 9999


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def packets() -> object:
        yield Events.empty(9)
        message = "the source ends"
        raise RuntimeError(message)

    (tmp_path / "a.npz").write_bytes(b"before")
    with pytest.raises(RuntimeError, match="the source ends"):
        WRITER.write(tmp_path / "a.npz", packets(), sensor=SENSOR)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    assert (tmp_path / "a.npz").read_bytes() == b"before"
