"""The EVT2 writer: what it writes decodes by the book and by our reader, over gaps and wraps."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.readers.prophesee import parse_header
from eventstore.side import SideTable
from eventstore.writers import raw
from eventstore.writers.evt2 import WRITER

Row: TypeAlias = tuple[int, ...]

SENSOR = Sensor(2048, 2048)


def words_of(data: bytes) -> np.ndarray:
    return np.frombuffer(data[parse_header(memoryview(data)).size :], "<u4")


def slow_decode(data: bytes) -> tuple[list[Row], list[Row]]:
    """Decode as OpenEB does: the clock wraps where it falls by nearly all of its range."""
    events: list[Row] = []
    triggers: list[Row] = []
    high, loops = None, 0
    for w in words_of(data).tolist():
        if w >> 28 == 8:
            stated = w & 0xFFFFFFF
            loops += high is not None and high - stated >= 2**28 - 160
            high = stated
            continue
        assert high is not None
        t = loops << 34 | high << 6 | w >> 22 & 63
        if w >> 28 == 0xA:
            triggers.append((t, w >> 8 & 31, w & 1))
        else:
            events.append((t, w >> 11 & 0x7FF, w & 0x7FF, w >> 28))
    return events, triggers


def rows_of(events: Events) -> list[Row]:
    return list(zip(*(column.tolist() for column in events), strict=True))


def written(events: Events, packets: int = 1, side: list[SideTable] | None = None) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.raw"
        edges = np.linspace(0, len(events), packets + 1).astype(int).tolist()
        parts = [events[a:b] for a, b in pairwise(edges)]
        streams = {"triggers": lambda: iter(side)} if side is not None else {}
        WRITER.write(path, iter(parts), sensor=SENSOR, side=streams)
        recording = read_file(path)
        assert (recording.reader, recording.sensor) == ("evt2", SENSOR)
        assert recording.load().equals(events)
        return path.read_bytes()


@st.composite
def recordings(draw: st.DrawFn) -> Events:
    """Events with small and long gaps, wraps of the clock, and steps back within one of them."""
    t, rows = draw(st.sampled_from([0, 10**6, (1 << 34) - 5, 1 << 39, 1_589_163_147_368_868])), []
    gap = st.one_of(st.integers(-70, 200), st.integers(0, 1 << 33), st.integers(1 << 34, 1 << 38))
    coordinate = st.integers(0, 2047)
    for step, x, y, p in draw(
        st.lists(st.tuples(gap, coordinate, coordinate, st.integers(0, 1)), max_size=30)
    ):
        after = t + step
        t = after if after >= 0 and (step >= 0 or after >> 34 == t >> 34) else t
        rows.append((t, x, y, p))
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Events.of(t=table[:, 0], x=table[:, 1], y=table[:, 2], p=table[:, 3])


@given(recordings(), st.integers(1, 5), st.sampled_from([4, 9, 1 << 16]))
def test_files_decode_to_the_events_by_the_book_and_by_the_reader(
    events: Events, packets: int, words: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "BUFFER_WORDS", words)
        data = written(events, packets)
    t0 = parse_header(memoryview(data)).t0_us
    assert slow_decode(data)[0] == rows_of(events.shifted(-t0))


def test_words_of_a_few_events() -> None:
    data = written(Events.of(t=[65, 66, 128], x=[1, 2, 3], y=[4, 5, 6], p=[1, 0, 1]))
    assert np.frombuffer(data[-20:], "<u4").tolist() == [
        0x80000001, 1 << 28 | 1 << 22 | 1 << 11 | 4, 2 << 22 | 2 << 11 | 5,
        0x80000002, 1 << 28 | 3 << 11 | 6,
    ]  # fmt: skip


def test_triggers_stand_between_the_events() -> None:
    events = Events.of(t=[5, 900], x=[1, 2], y=[3, 4])
    rows = [(5, 31, 1), (6, 0, 0), (1000, 7, 1), (1 << 35, 8, 0)]
    table = SideTable.of(
        "triggers", dict(zip(("t", "channel", "edge"), np.array(rows).T, strict=True))
    )
    for tables in ([table], [table.rows(i, i + 1) for i in range(4)]):
        assert slow_decode(written(events, 2, tables)) == (rows_of(events), rows)


def test_triggers_without_events() -> None:
    table = SideTable.of("triggers", {"t": [10**15, 10**15 + 5], "channel": [1, 2], "edge": [0, 1]})
    data = written(Events.empty(), 1, [table])
    assert slow_decode(data)[1] == [(1_000_000, 1, 0), (1_000_005, 2, 1)]


@pytest.mark.parametrize(
    ("t", "row"), [([1 << 33, 0], 1), ([(1 << 34) + 5, (1 << 34) - 5], 1), ([0, 1 << 60], 1)]
)
def test_times_the_clock_cannot_go_to_are_refused(t: list[int], row: int, tmp_path: Path) -> None:
    events = Events.of(t=t, x=[1, 1], y=[1, 1])
    with pytest.raises(InvalidInput, match=f"EVT2 cannot go to event {row} at t = {t[row]}"):
        WRITER.write(tmp_path / "a.raw", [events], sensor=SENSOR)


def test_a_real_recording_keeps_its_words(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "recordings/gen3.evt2.raw"
    recording = read_file(source)
    WRITER.write(tmp_path / "a.raw", recording.packets, sensor=recording.sensor)
    again, before = (words_of(path.read_bytes()) for path in (tmp_path / "a.raw", source))
    assert np.array_equal(again[again >> 28 < 8], before[before >> 28 < 8])
    assert read_file(tmp_path / "a.raw").load().equals(read_file(source).load())
