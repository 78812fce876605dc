"""What the writers of all raw encodings share: suffixes, laziness, and who reads their files."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.writers import find_writer
from eventstore.writers.evt2 import WRITER as EVT2
from eventstore.writers.evt3 import WRITER as EVT3
from eventstore.writers.raw import RawWriter


@pytest.mark.parametrize(
    ("name", "writer"),
    [("a.raw", "evt3"), ("a.evt3.raw", "evt3"), ("a.evt2.raw", "evt2"), ("A.EVT2.RAW", "evt2")],
)
def test_the_suffix_names_the_encoding(name: str, writer: str) -> None:
    assert find_writer(Path(name)).name == writer


def packets_of(n: int) -> Iterator[Events]:
    for i in range(n):
        t = np.arange(50_000, dtype=np.int64) + i * 50_000
        yield Events.of(t=t, x=np.zeros(50_000, np.int64), p=np.zeros(50_000, np.int64))


@pytest.mark.parametrize("writer", [EVT2, EVT3])
def test_memory_does_not_grow_with_the_file(writer: RawWriter, tmp_path: Path) -> None:
    peaks = []
    for n in (2, 20):
        tracemalloc.start()
        writer.write(tmp_path / "a.raw", packets_of(n), sensor=Sensor(8, 8))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
    assert sum(len(packet) for packet in read_file(tmp_path / "a.raw").packets) == 1_000_000


@pytest.mark.parametrize("writer", [EVT2, EVT3])
def test_empty_packets_change_nothing(writer: RawWriter, tmp_path: Path) -> None:
    events = Events.of(t=[5, 6], x=[1, 2], y=[3, 4])
    parts = [Events.empty(), events[:1], Events.empty(), events[1:]]
    writer.write(tmp_path / "a.raw", iter(parts), sensor=Sensor(8, 8))
    assert read_file(tmp_path / "a.raw").load().equals(events)
