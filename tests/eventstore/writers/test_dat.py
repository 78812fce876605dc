"""The DAT writer: records as the sensors' own, over wraps of their stamps."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.readers.prophesee import parse_header
from eventstore.writers.dat import WRITER

SENSOR = Sensor(16384, 16384)


def records_of(data: bytes) -> np.ndarray:
    return np.frombuffer(data[parse_header(memoryview(data)).size + 2 :], "<u4").reshape(-1, 2)


def written(events: Events, packets: int = 1) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.dat"
        parts = (
            [events[i::packets] for i in range(packets)] if packets == 1 else _cut(events, packets)
        )
        WRITER.write(path, iter(parts), sensor=SENSOR)
        recording = read_file(path)
        assert (recording.reader, recording.sensor) == ("dat", SENSOR)
        assert recording.load().equals(events)
        return path.read_bytes()


def _cut(events: Events, packets: int) -> list[Events]:
    size = max(1, -(-len(events) // packets))
    return [events[at : at + size] for at in range(0, len(events), size)]


@st.composite
def recordings(draw: st.DrawFn) -> Events:
    """Events with gaps of up to half the clock's range, and small steps back."""
    t, rows = draw(st.sampled_from([0, 50, (1 << 32) - 5, 1 << 33, 1_589_163_147_368_868])), []
    gap = st.one_of(st.integers(-50, 200), st.integers(0, (1 << 31) - 1))
    coordinate = st.integers(0, 16383)
    for step, x, y, p in draw(
        st.lists(st.tuples(gap, coordinate, coordinate, st.integers(0, 1)), max_size=30)
    ):
        t = max(0, t + step) if step >= 0 or (t + step) >> 20 == t >> 20 else t
        rows.append((t, x, y, p))
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Events.of(t=table[:, 0], x=table[:, 1], y=table[:, 2], p=table[:, 3])


@given(recordings(), st.integers(1, 4))
def test_files_decode_to_the_events_by_the_book_and_by_the_reader(
    events: Events, packets: int
) -> None:
    data = written(events, packets)
    stamps, addresses = records_of(data).astype(np.int64).T
    t0 = parse_header(memoryview(data)).t0_us
    assert stamps.tolist() == ((events.t - t0) & 0xFFFFFFFF).tolist()
    assert (addresses & 0x3FFF).tolist() == events.x.tolist()
    assert (addresses >> 14 & 0x3FFF).tolist() == events.y.tolist()
    assert (addresses >> 28).tolist() == events.p.tolist()
    assert t0 == 0 or not 0 <= events.t[0] < 1 << 32


def test_the_header_says_what_the_format_demands() -> None:
    data = written(Events.of(t=[1_589_163_147_368_868], x=[1], y=[2], p=[1]))
    assert data[:-8] == (
        b"% Data file containing CD events\n% Version 2\n% Width 16384\n% Height 16384\n"
        b"% T0 1589163146000000\n\x0c\x08"
    )


def test_a_file_without_events() -> None:
    assert len(records_of(written(Events.empty()))) == 0


@pytest.mark.parametrize("t", [[5, (1 << 32) + (1 << 31) + 6], [(1 << 32) + 5 - 10, (1 << 32), 5]])
def test_times_the_stamps_cannot_tell_are_refused(t: list[int], tmp_path: Path) -> None:
    events = Events.of(t=t, x=[1] * len(t), y=[1] * len(t))
    with pytest.raises(InvalidInput, match=f"cannot go to event {len(t) - 1} at t = {t[-1]}"):
        WRITER.write(tmp_path / "a.dat", [events[:1], events[1:]], sensor=SENSOR)
    assert list(tmp_path.iterdir()) == []


def test_a_real_recording_keeps_its_records(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "recordings/imx636.dat"
    recording = read_file(source)
    WRITER.write(
        tmp_path / "a.dat", recording.packets, sensor=recording.sensor, meta=recording.meta
    )
    assert np.array_equal(
        records_of((tmp_path / "a.dat").read_bytes()), records_of(source.read_bytes())
    )
