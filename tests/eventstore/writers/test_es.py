"""The Event Stream writer: bytes by the book, and events that come back."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.strategies import events as some_events
from eventstore.writers import es
from eventstore.writers.es import GAP_LIMIT_US, WRITER

SENSOR = Sensor(300, 400)


def written(events: Events, packets: int = 1) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.es"
        edges = np.linspace(0, len(events), packets + 1).astype(int).tolist()
        WRITER.write(path, (events[a:b] for a, b in pairwise(edges)), sensor=SENSOR)
        recording = read_file(path)
        assert (recording.reader, recording.sensor) == ("es", SENSOR)
        assert recording.load().equals(events)
        return path.read_bytes()


def by_the_book(events: Events) -> bytes:
    data, last = bytearray(b"Event Stream\x02\0\0\x01" + bytes([44, 1, 144, 1])), 0
    for t, x, y, p in zip(*(column.tolist() for column in events), strict=True):
        overflows, step = divmod(t - last, 127)
        data += b"\xff" * overflows + bytes([step << 1 | p])
        data += x.to_bytes(2, "little") + (399 - y).to_bytes(2, "little")
        last = t
    return bytes(data)


@given(some_events(SENSOR), st.integers(1, 4), st.sampled_from([5, 17, 1 << 18]))
def test_bytes_are_those_of_the_description(events: Events, packets: int, buffer: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(es, "BUFFER_BYTES", buffer)
        assert written(events, packets) == by_the_book(events)


def test_long_gaps_are_bytes_that_let_time_pass() -> None:
    events = Events.of(t=[60_000_000, 120_000_126], x=[1, 2], y=[3, 4])
    assert written(events) == by_the_book(events)


@pytest.mark.parametrize("t", [[-1], [5, 4], [5, GAP_LIMIT_US + 6], [1_589_163_147_368_868]])
def test_times_the_format_cannot_count_are_refused(t: list[int], tmp_path: Path) -> None:
    events = Events.of(t=t, x=[1] * len(t), y=[1] * len(t))
    with pytest.raises(InvalidInput, match=f"cannot go to event {len(t) - 1} at t = {t[-1]}") as e:
        WRITER.write(tmp_path / "a.es", [events[:1], events[1:]], sensor=SENSOR)
    assert "recording's start" in e.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("x", "y"), [(300, 0), (0, 400)])
def test_events_outside_the_sensor_are_refused(x: int, y: int, tmp_path: Path) -> None:
    events = Events.of(t=[1, 2], x=[0, x], y=[0, y])
    with pytest.raises(InvalidInput, match=f"event 1 at x = {x}, y = {y}"):
        WRITER.write(tmp_path / "a.es", [events], sensor=SENSOR)


def test_sensors_the_header_cannot_state_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="65536×1"):
        WRITER.write(tmp_path / "a.es", [], sensor=Sensor(65536, 1))


def test_a_real_file_is_written_as_it_was(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "recordings/dvs-converted.es"
    recording = read_file(source)
    WRITER.write(tmp_path / "a.es", recording.packets, sensor=recording.sensor)
    assert (tmp_path / "a.es").read_bytes() == source.read_bytes()
