"""A table of columns becomes a recording: packets, geometry, unit, findings."""

from collections.abc import Mapping

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_table import ColumnTable
from eventstore.readers.column_values import TimeUnit
from eventstore.readers.protocol import ByteSource

SOURCE = ByteSource("some.h5", memoryview(b""))


class Columns:
    """Columns that note what is asked of them."""

    def __init__(self, **columns: np.ndarray) -> None:
        self.columns = columns
        self.asked: list[tuple[str, int, int]] = []

    def take(self, letters: str, start: int, stop: int) -> Mapping[str, np.ndarray]:
        self.asked.append((letters, start, stop))
        return {letter: self.columns[letter][start:stop] for letter in letters}

    def table(self, unit: TimeUnit = "auto", offset_us: int = 0) -> ColumnTable:
        return ColumnTable(
            source=SOURCE,
            n_rows=len(self.columns["t"]),
            take=self.take,
            audio="c" in self.columns,
            unit=unit,
            offset_us=offset_us,
            packet_events=4,
        )


def vision(n: int = 10) -> Columns:
    ones = np.ones(n, int)
    return Columns(t=np.arange(n), x=33 * ones, y=ones, p=ones)


def test_packets_are_read_when_they_are_asked_for() -> None:
    columns = vision()
    recording = columns.table("us").record(reader="npy", stated=Sensor(34, 34))
    assert columns.asked == [("t", 0, 0), ("txyp", 0, 1)]
    next(recording.packets)
    assert columns.asked[2:] == [("txyp", 0, 4)]
    assert [len(packet) for packet in recording.packets] == [4, 2]
    assert recording.meta == {"unit": "us"}


def test_only_pixels_are_read_for_the_geometry() -> None:
    columns = vision()
    recording = columns.table("us").record(reader="npy", stated=None)
    assert [asked[0] for asked in columns.asked] == ["t", "xy", "xy", "xy", "txyp"]
    assert recording.sensor == Sensor(34, 34)
    assert [f.check for f in recording.findings] == ["geometry-assumed"]


def test_audio() -> None:
    columns = Columns(t=np.array([0.5, 0.75]), c=np.array([3, 100]))
    recording = columns.table().record(reader="npz", stated=None)
    assert recording.sensor == Sensor.audio(128)
    assert recording.load().t.tolist() == [500_000, 750_000]
    assert recording.meta == {"unit": "s"}


def test_no_rows() -> None:
    recording = vision(0).table().record(reader="npy", stated=Sensor(3, 3))
    assert len(recording.load()) == 0
    assert recording.zero_based
    assert [f.check for f in recording.findings] == ["no-events"]


@pytest.mark.parametrize(
    ("first", "own_clock", "zero_based"),
    [(0, True, True), (5, False, False), (-1, True, False), (1 << 41, True, False)],
)
def test_the_clock_starts_with_the_recording_unless_it_is_late(
    first: int, own_clock: bool, zero_based: bool
) -> None:
    table = vision().table(offset_us=first)
    recording = table.record(reader="dsec", stated=Sensor(34, 34), own_clock=own_clock)
    assert recording.zero_based is zero_based
    assert recording.load().t.tolist() == list(range(first, first + 10))


def test_a_guessed_unit_that_gives_days_is_said() -> None:
    columns = vision()
    columns.columns["t"] = np.arange(10) * 50_000.25
    recording = columns.table().record(reader="npy", stated=Sensor(34, 34))
    assert recording.findings == []
    recording.load()
    assert [f.message for f in recording.findings] == [
        "stamps without a unit, taken as s, span 5.2 days"
    ]
    stated = columns.table("s").record(reader="npy", stated=Sensor(34, 34))
    stated.load()
    assert stated.findings == []


def test_a_bad_value_is_named_by_its_row() -> None:
    columns = vision()
    columns.columns["p"][7] = 9
    recording = columns.table("us").record(reader="npy", stated=Sensor(34, 34))
    assert len(next(recording.packets)) == 4
    with pytest.raises(FormatError, match=r"some\.h5: column p out of range in row 7"):
        next(recording.packets)
