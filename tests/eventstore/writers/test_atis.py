"""The ATIS encoder: decoding gives the events back, and what cannot be held is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_file
from eventstore.readers.atis import AtisReader
from eventstore.writers.atis import WRITER, _encode_packets, encode_atis, write_atis


def _decode(raw: np.ndarray, packet_events: int = 1 << 20) -> Events:
    source = ByteSource("some.bin", memoryview(raw.tobytes()))
    return AtisReader(packet_events=packet_events).read(source).load()


@st.composite
def _holdable(draw: st.DrawFn) -> Events:
    """Events of a 256-pixel sensor without row 240, with gaps beyond the 23 bits of a stamp."""
    gap = st.one_of(st.integers(0, 2000), st.integers((1 << 23) - 3, (1 << 23) + 3 * 8192))
    gaps = draw(st.lists(gap, max_size=40))
    n = len(gaps)
    row = st.integers(0, 255).filter(lambda y: y != 240)
    return Events.of(
        t=np.cumsum(np.array(gaps, np.int64)),
        x=draw(st.lists(st.integers(0, 255), min_size=n, max_size=n)),
        y=draw(st.lists(row, min_size=n, max_size=n)),
        p=draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)),
    )


@given(_holdable(), st.integers(1, 50))
def test_decoding_gives_the_encoded_events_in_packets_of_any_size(
    events: Events, packet_events: int
) -> None:
    assert _decode(encode_atis(events), packet_events).equals(events)


@pytest.mark.parametrize(("t", "overflows"), [(0, 0), ((1 << 23) - 1, 0), (1 << 23, 1)])
def test_an_overflow_record_only_where_a_stamp_needs_one(t: int, overflows: int) -> None:
    events = Events.of(t=[t], x=[1], y=[2], p=[1])
    raw = encode_atis(events)
    assert len(raw) == 5 * (1 + overflows)
    assert _decode(raw).equals(events)


def test_real_files_encode_to_their_own_bytes(shared_data: Path) -> None:
    path = shared_data / "recordings/ncaltech101-face.bin"
    assert encode_atis(read_file(path).load()).tobytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"t": [1], "x": [256], "y": [0]}, "event 0 at x = 256, y = 0"),
        ({"t": [1], "x": [0], "y": [256]}, "event 0 at x = 0, y = 256"),
        ({"t": [1, 2], "x": [0, 9], "y": [0, 240]}, "event 1 at x = 9, y = 240"),
        ({"t": [-1], "x": [0], "y": [0]}, "event 0 at t = -1"),
        ({"t": [1 << 24, 0], "x": [0, 0], "y": [0, 0]}, "event 1 at t = 0"),
        ({"t": [1 << 50], "x": [0], "y": [0]}, "gaps need"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(event: dict[str, list[int]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as e:
        encode_atis(Events.of(t=event["t"], x=event["x"], y=event["y"]))
    assert e.value.hint


def test_small_back_steps_survive() -> None:
    events = Events.of(t=[9, 4, 8], x=[1, 2, 3], y=[1, 2, 3], p=[0, 1, 0])
    assert _decode(encode_atis(events)).equals(events)


def test_a_written_file_reads_back_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    events = Events.of(t=[5, 9_000_000], x=[1, 2], y=[3, 4], p=[0, 1])
    write_atis(tmp_path / "one.bin", events)
    assert read_file(tmp_path / "one.bin").load().equals(events)
    assert [path.name for path in tmp_path.iterdir()] == ["one.bin"]


@given(_holdable(), st.integers(1, 9))
def test_packets_make_no_difference(events: Events, size: int) -> None:
    packets = (events[at : at + size] for at in range(0, len(events), size))
    raw = np.concatenate([np.zeros(0, np.uint8), *_encode_packets(packets)])
    assert raw.tobytes() == encode_atis(events).tobytes()


def test_the_first_bad_event_is_counted_from_the_beginning(tmp_path: Path) -> None:
    packets = [Events.of(t=[5, 6], x=[1, 1], y=[1, 1]), Events.of(t=[7, 8], x=[1, 999], y=[1, 1])]
    with pytest.raises(InvalidInput, match="cannot hold event 3 at x = 999"):
        WRITER.write(tmp_path / "a.bin", packets, sensor=Sensor(999, 9))
    assert list(tmp_path.iterdir()) == []


def test_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not audio"):
        WRITER.write(tmp_path / "a.bin", [], sensor=Sensor.audio(64))
