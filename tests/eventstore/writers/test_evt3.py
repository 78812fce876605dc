"""The EVT3 writer: what it writes decodes by the book and by our reader, vectors where they pay."""

from collections.abc import Iterable
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
from eventstore.writers.evt3 import WRITER

Row: TypeAlias = tuple[int, ...]

SENSOR = Sensor(100, 40)


def rows_of(columns: Iterable[np.ndarray]) -> list[Row]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def words_of(data: bytes) -> list[int]:
    found: list[int] = np.frombuffer(data[parse_header(memoryview(data)).size :], "<u2").tolist()
    return found


def strict_decode(words: list[int], width: int) -> tuple[list[Row], list[Row]]:
    """Decode as OpenEB does, which takes vectors three at a time and none beyond the sensor."""
    events: list[Row] = []
    triggers: list[Row] = []
    rest, high, low, loop, y, base, polarity = iter(words), -1, -1, 0, -1, -1, 0
    for word in rest:
        kind, content = word >> 12, word & 0xFFF
        t = loop << 24 | high << 12 | low
        if kind == 0:
            y = content
        elif kind == 2:
            assert min(high, low, y) >= 0
            events.append((t, content & 0x7FF, y, content >> 11))
        elif kind == 3:
            base, polarity = content & 0x7FF, content >> 11
        elif kind == 4:
            second, third = next(rest), next(rest)
            assert (second >> 12, third >> 12) == (4, 5)
            assert min(high, low, y, base) >= 0
            assert base + 32 <= width
            valid = content | (second & 0xFFF) << 12 | (third & 0xFF) << 24
            events += [(t, base + k, y, polarity) for k in range(32) if valid >> k & 1]
            base += 32
        elif kind == 6:
            low = content
        elif kind == 8:
            loop += high >= content + 2048
            low = low if content == high else -1  # decoders differ: it has to be stated
            high = content
        else:
            assert kind == 0xA
            assert low >= 0
            triggers.append((t, content >> 8, content & 1))
    return events, triggers


def written(events: Events, packets: int = 1, side: list[SideTable] | None = None) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.raw"
        edges = np.linspace(0, len(events), packets + 1).astype(int).tolist()
        parts = [events[a:b] for a, b in pairwise(edges)]
        streams = {"triggers": lambda: iter(side)} if side is not None else {}
        WRITER.write(path, iter(parts), sensor=SENSOR, side=streams)
        recording = read_file(path)
        assert recording.sensor == SENSOR
        assert recording.load().equals(events)
        assert not recording.findings or not len(events)
        return path.read_bytes()


@st.composite
def recordings(draw: st.DrawFn) -> Events:
    """Events in bursts along rows, with small and long gaps, and small steps back."""
    gap = st.one_of(
        st.just(0), st.integers(-3, 5000), st.integers(0, 1 << 21), st.integers(1 << 24, 1 << 27)
    )
    burst = st.tuples(
        gap, st.integers(0, 99), st.integers(0, 39), st.integers(0, 1), st.binary(max_size=8)
    )
    t, rows = draw(st.sampled_from([10, 5000, 1 << 24, 1 << 30, 1_589_163_147_368_868])), []
    for step, x, y, p, mask in draw(st.lists(burst, max_size=20)):
        before, t = t, t + step
        if step < 0 and (before >> 24 != t >> 24 or t < 0):
            t = before  # no way back over a wrap
        bits = int.from_bytes(mask, "little") | 1
        rows += [(t, x + k, y, p) for k in range(min(64, 100 - x)) if bits >> k & 1]
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Events.of(t=table[:, 0], x=table[:, 1], y=table[:, 2], p=table[:, 3])


@given(recordings(), st.integers(1, 5))
def test_files_decode_to_the_events_by_the_book_and_by_the_reader(
    events: Events, packets: int
) -> None:
    data = written(events, packets)
    t0 = parse_header(memoryview(data)).t0_us
    expected = rows_of(events.shifted(-t0))
    assert strict_decode(words_of(data), SENSOR.width)[0] == expected


@given(recordings(), st.integers(12, 40))
def test_small_buffers_change_nothing(events: Events, words: int) -> None:
    whole = written(events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "BUFFER_WORDS", words)
        assert written(events) == whole


def test_a_run_along_a_row_is_a_vector_where_that_is_shorter() -> None:
    def words(n: int, x: int = 0) -> list[int]:
        return words_of(written(Events.of(t=[7] * n, x=range(x, x + n), y=[3] * n)))

    stamp = [0x8000, 0x6007, 0x0003]
    assert words(4) == [*stamp, 0x2800, 0x2801, 0x2802, 0x2803]
    assert words(5) == [*stamp, 0x3800, 0x401F, 0x4000, 0x5000]
    assert words(64) == [
        *stamp, 0x3800, 0x4FFF, 0x4FFF, 0x50FF, 0x3820, 0x4FFF, 0x4FFF, 0x50FF,
    ]  # fmt: skip
    assert words(5, x=95) == [*stamp, 0x3800 | 68, 0x4000, 0x4000, 0x50F8]  # ends with the sensor


def test_vectors_keep_the_order_of_events() -> None:
    x = [9, 8, 7, 6, 5, 4, 3, 10, 11, 12, 13, 14]
    data = written(Events.of(t=[1] * 12, x=x, y=[0] * 12))
    assert [row[1] for row in strict_decode(words_of(data), SENSOR.width)[0]] == x
    assert sum(word >> 12 == 3 for word in words_of(data)) == 1


def test_sensors_narrower_than_a_vector_get_none(tmp_path: Path) -> None:
    events = Events.of(t=[1] * 20, x=range(20), y=[0] * 20)
    WRITER.write(tmp_path / "a.raw", [events], sensor=Sensor(20, 1))
    assert len(words_of((tmp_path / "a.raw").read_bytes())) == 23
    assert read_file(tmp_path / "a.raw").load().equals(events)


@pytest.mark.parametrize("t", [0, (1 << 24) - 1, 1 << 24, 913_716_224, (1 << 40) - 1])
def test_clocks_of_up_to_13_days_are_what_every_decoder_finds(t: int) -> None:
    events = Events.of(t=[t, t + 4095], x=[1, 2], y=[3, 4])
    data = written(events)
    assert b"% t0" not in data
    assert strict_decode(words_of(data), SENSOR.width)[0] == rows_of(events)


@pytest.mark.parametrize("t", [-5, 1 << 40, 1_589_163_147_368_868])
def test_other_clocks_are_stated_in_the_header(t: int) -> None:
    data = written(Events.of(t=[t, t - 999, t + 5], x=[1, 2, 3], y=[3, 4, 5]))
    t0 = parse_header(memoryview(data)).t0_us
    assert strict_decode(words_of(data), SENSOR.width)[0][0] == (t - t0, 1, 3, 1)
    assert len(data) < 200


def test_a_file_without_events() -> None:
    data = written(Events.empty())
    assert words_of(data) == []
    assert parse_header(memoryview(data)).encoding == "evt3"


@pytest.mark.parametrize(
    ("t", "row"),
    [
        ([1 << 23, 0], 1),
        ([5, (1 << 24) + 3, (1 << 24) - 3], 2),
        ([1 << 41, (1 << 41) - 2_100_000], 1),
        ([0, 1 << 60], 1),
    ],
)
def test_times_the_clock_cannot_go_to_are_refused(t: list[int], row: int, tmp_path: Path) -> None:
    events = Events.of(t=t, x=[1] * len(t), y=[1] * len(t))
    with pytest.raises(InvalidInput, match=f"cannot go to event {row} at t = {t[row]}") as e:
        WRITER.write(tmp_path / "a.raw", [events[:1], events[1:]], sensor=SENSOR)
    assert "sort" in e.value.hint
    assert list(tmp_path.iterdir()) == []


TRIGGERS = st.lists(
    st.tuples(st.integers(0, 60_000), st.integers(0, 15), st.integers(0, 1)), max_size=9
).map(sorted)


@given(st.lists(st.integers(0, 60_000), max_size=9).map(sorted), TRIGGERS, st.integers(1, 4))
def test_triggers_stand_between_the_events(t: list[int], rows: list[Row], parts: int) -> None:
    events = Events.of(t=t, x=[1] * len(t), y=[2] * len(t))
    table = np.array(rows, np.int64).reshape(-1, 3)
    edges = np.linspace(0, len(rows), parts + 1).astype(int).tolist()
    tables = [
        SideTable.of("triggers", dict(zip(("t", "channel", "edge"), table[a:b].T, strict=True)))
        for a, b in pairwise(edges)
    ]
    data = written(events, 3, tables)
    assert strict_decode(words_of(data), SENSOR.width) == (rows_of(events), rows)


def test_triggers_come_back_with_absolute_times(tmp_path: Path) -> None:
    t = 1_589_163_147_368_868
    events = Events.of(t=[t], x=[1], y=[1])
    table = SideTable.of("triggers", {"t": [t - 5_000_000, t], "channel": [3, 4], "edge": [1, 0]})
    WRITER.write(
        tmp_path / "a.raw", [events], sensor=SENSOR, side={"triggers": lambda: iter([table])}
    )
    recording = read_file(tmp_path / "a.raw")
    assert recording.load().equals(events)
    found = SideTable.concatenate("triggers", list(recording.side["triggers"]()))
    assert found.equals(table)


def test_triggers_the_words_have_no_bits_for_are_left_out(tmp_path: Path) -> None:
    table = SideTable.of(
        "triggers",
        {"t": [5, 6, 7, 10**9, 8], "channel": [16, -1, 3, 3, 3], "edge": [1, 1, -1, 1, 0]},
    )
    WRITER.write(
        tmp_path / "a.raw",
        [Events.of(t=[5, 9], x=[1, 1], y=[1, 1])],
        sensor=SENSOR,
        side={"triggers": lambda: iter([table])},
    )
    recording = read_file(tmp_path / "a.raw")
    assert len(recording.load()) == 2
    (found,) = recording.side["triggers"]()
    assert found.columns["t"].tolist() == [10**9]


def test_a_real_recording_keeps_every_event(shared_data: Path, tmp_path: Path) -> None:
    recording = read_file(shared_data / "recordings/imx636.evt3.raw")
    path = tmp_path / "again.raw"
    WRITER.write(path, recording.packets, sensor=recording.sensor, meta=recording.meta)
    again = read_file(path)
    assert again.load().equals(
        read_file(shared_data / "recordings/imx636.dat").load().shifted(11_194_368)
    )
    assert again.meta["serial_number"] == recording.meta["serial_number"]
    assert path.stat().st_size < (shared_data / "recordings/imx636.evt3.raw").stat().st_size
