"""The text writer: lines that our reader, numpy and decimals read as the same events."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.plugin_options import named_plugin
from eventstore.readers import read_file
from eventstore.strategies import events as some_events
from eventstore.writers import WRITERS, text
from eventstore.writers.text import WRITER, TextWriter

SENSOR = Sensor(65536, 65536)
US = {"us": Decimal(1), "ms": Decimal(1000), "s": Decimal(10**6), "ns": Decimal("0.001")}


def written(
    events: Events, writer: TextWriter = WRITER, suffix: str = ".csv", sensor: Sensor = SENSOR
) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        edges = np.linspace(0, len(events), 4).astype(int).tolist()
        writer.write(path, (events[a:b] for a, b in pairwise(edges)), sensor=sensor)
        recording = read_file(path, reader="text")
        assert recording.load().equals(events)
        return path.read_text()


EVENTS = Events.of(t=[0, 7, 1_500_000], x=[0, 10, 65535], y=[9, 0, 300], p=[1, 0, 1])


def test_files_of_each_suffix() -> None:
    rows = [(0, 0, 9, 1), (7, 10, 0, 0), (1_500_000, 65535, 300, 1)]
    for suffix, separator, head in (
        (".csv", ",", "t,x,y,p\n"),
        (".tsv", "\t", "t\tx\ty\tp\n"),
        (".txt", " ", ""),
    ):
        lines = "".join(separator.join(map(str, row)) + "\n" for row in rows)
        assert written(EVENTS, suffix=suffix) == head + lines


@pytest.mark.parametrize(
    ("unit", "stamps"),
    [
        ("s", ["0.000000", "0.000007", "1.500000"]),
        ("ms", ["0.000", "0.007", "1500.000"]),
        ("us", ["0", "7", "1500000"]),
        ("ns", ["0000", "7000", "1500000000"]),
    ],
)
def test_units(unit: str, stamps: list[str]) -> None:
    writer = named_plugin(WRITERS, f"text:unit={unit},columns=xypt,off=-1", what="writer")
    assert isinstance(writer, TextWriter)
    lines = written(EVENTS, writer).splitlines()
    assert lines[0] == ("x,y,p,t" if unit in {"s", "us"} else f"x,y,p,t_{unit}")
    assert [line.split(",")[3] for line in lines[1:]] == stamps
    assert [line.split(",")[2] for line in lines[1:]] == ["1", "-1", "1"]


@given(
    some_events(SENSOR),
    st.one_of(st.integers(-(10**9), 10**9), st.integers(10**15, 4 * 10**15)),
    st.builds(
        TextWriter,
        columns=st.permutations("txyp").map("".join),
        unit=st.sampled_from(["s", "ms", "us", "ns"]),
        off=st.sampled_from(["0", "-1"]),
    ),
    st.sampled_from([".csv", ".tsv", ".txt"]),
)
def test_every_event_comes_back_whatever_the_style(
    events: Events, t0: int, writer: TextWriter, suffix: str
) -> None:
    events = events.shifted(t0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "SLICE_EVENTS", 7)
        lines = written(events, writer, suffix).splitlines()[-len(events) :] if len(events) else []
    at = writer.columns.index("t")
    found = [Decimal(line.replace(",", " ").split()[at]) * US[writer.unit] for line in lines]
    assert found == events.t.tolist()


def test_numpy_reads_it() -> None:
    lines = written(EVENTS, suffix=".txt").splitlines()
    assert np.loadtxt(lines, dtype=np.int64).tolist() == np.column_stack(list(EVENTS)).tolist()


def test_a_first_line_may_state_the_geometry(tmp_path: Path) -> None:
    TextWriter(geometry=True).write(tmp_path / "a.txt", [EVENTS[:2]], sensor=Sensor(346, 260))
    recording = read_file(tmp_path / "a.txt")
    assert recording.sensor == Sensor(346, 260)
    assert (tmp_path / "a.txt").read_text().startswith("346 260\n0 0 9 1\n")


@pytest.mark.parametrize("suffix", [".csv", ".txt"])
def test_audio_has_its_channel(suffix: str) -> None:
    events = Events.of(t=[5, 9], x=[3, 63])
    lines = written(events, suffix=suffix, sensor=Sensor.audio(64))
    assert lines.replace(",", " ") == "t c\n5 3\n9 63\n"


def test_a_file_without_events() -> None:
    assert written(Events.empty()) == "t,x,y,p\n"
    assert written(Events.empty(), suffix=".txt") == ""


@pytest.mark.parametrize("columns", ["txy", "txypp", "tc", "txyq", ""])
def test_columns_that_would_lose_events_are_refused(columns: str) -> None:
    with pytest.raises(InvalidInput, match="no order of the columns"):
        TextWriter(columns=columns)
