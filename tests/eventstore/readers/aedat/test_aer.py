"""Cochlea streams: records told from their stamps, times rounded in order, addresses kept whole."""

import struct
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.readers import ByteSource, read_file
from eventstore.readers.aedat.aer import READER, AerReader
from eventstore.readers.options import with_options
from eventstore.testing import ReaderContract

ADDR2, ADDR4 = "cochlea-nas-523hz-addr2.aedat", "cochlea-nas-pt1-addr4.aedat"
NOISE = "cochlea-nas-130hz-noise-addr2.aedat"


def stream(addresses: list[int], stamps: list[int], letter: str = "H") -> bytes:
    rows = zip(addresses, stamps, strict=True)
    return b"".join(struct.pack(f">{letter}I", a, t) for a, t in rows)


def source_of(data: bytes) -> ByteSource:
    return ByteSource("some.aedat", memoryview(data))


def read(data: bytes, **options: str) -> Events:
    return with_options(READER, options).read(source_of(data)).load()


class TestAer(ReaderContract):
    reader = READER
    sensor: ClassVar[Sensor] = Sensor.audio(64)

    def encode(self, events: Events) -> bytes:
        return stream(events.x.tolist(), (5 * events.t).tolist())


@pytest.mark.parametrize(
    ("name", "events", "back", "times"),
    [
        (ADDR2, 425_628, 0, (1, 496_097)),
        (NOISE, 409_815, 1, (3, 496_681)),
        (ADDR4, 368_349, 1944, (2_450_044, 3_449_959)),
    ],
)
def test_real_streams_are_known_and_whole(
    shared_data: Path, name: str, events: int, back: int, times: tuple[int, int]
) -> None:
    path = shared_data / "recordings" / name
    recording = read_file(path)
    table = recording.load()
    raw = np.fromfile(path, ">u2,>u4" if "addr2" in name else ">u4,>u4")
    assert (recording.reader, recording.sensor) == ("aer", Sensor.audio(128))
    assert len(table) == len(raw) == events
    assert np.array_equal(table.x, raw["f0"])
    assert back_steps(table.t) == back  # kept: repairing is another's work
    assert (table.t[0], table.t[-1]) == times
    tick = 0.2 if "addr2" in name else 1
    assert np.abs(table.t - raw["f1"] * tick).max() <= 0.5


def test_what_is_assumed_is_said() -> None:
    recording = READER.read(source_of(stream([1, 2], [5, 8])))
    said = {finding.check: finding.message for finding in recording.findings}
    assert said == {
        "records-assumed": "no header: assumed addresses of 2 bytes, stamps of 0.2 µs",
        "stamps-rounded": "stamps of 0.2 µs are rounded to whole µs",
        "geometry-assumed": "geometry not in file, assumed 64×1",
    }
    assert recording.meta == {"address_bytes": "2", "tick_us": "0.2"}
    stated = AerReader(address_bytes=2, tick_us=1, channels=128)
    recording = stated.read(source_of(stream([1, 2], [5, 8])))
    assert (recording.sensor, recording.findings) == (Sensor.audio(128), [])
    assert recording.load().t.tolist() == [5, 8]


@given(
    stamps=st.lists(st.integers(0, (1 << 30) - 1), min_size=1, max_size=30).map(sorted),
    tick=st.sampled_from([0.2, 0.5, 1.0, 12.5, 1000.0]),
)
def test_rounding_keeps_the_order_of_times(stamps: list[int], tick: float) -> None:
    t = AerReader(address_bytes=2, tick_us=tick).read(source_of(stream([0] * len(stamps), stamps)))
    events = t.load()
    assert back_steps(events.t) == 0
    assert np.abs(events.t - np.array(stamps) * tick).max() <= 0.5


@pytest.mark.parametrize(("letter", "size"), [("H", 2), ("I", 4)])
def test_records_are_told_from_the_stamps_they_leave(letter: str, size: int) -> None:
    rng = np.random.default_rng(size)
    for n in (3, 10, 2000):
        stamps = np.cumsum(rng.integers(-2, 5000, n)) + 40_000
        data = stream(rng.integers(0, 128, n).tolist(), stamps.tolist(), letter)
        recording = READER.read(source_of(data))
        assert recording.meta["address_bytes"] == str(size)
        assert READER.sniff(source_of(data))


def test_options_name_other_records() -> None:
    data = stream([300, 301], [7, 9], "I")
    assert read(data, address_bytes="4", tick_us="10").t.tolist() == [70, 90]
    assert read(data, address_bytes="4", on_off="merged").x.tolist() == [150, 150]
    assert read(data, address_bytes="4").p.tolist() == [1, 1]


def test_stamps_of_fractions_run_on_through_a_wrap() -> None:
    data = stream([0, 0], [(1 << 32) - 1, 4])
    assert read(data).t.tolist() == [858_993_459, 858_993_460]


def test_under_a_header_the_version_says_the_records() -> None:
    two = b"#!AER-DAT2.0\r\n# AEChip: a.CochleaAMS1c\r\n" + stream([70_000 & 0xFFFF], [9], "I")
    recording = READER.read(source_of(two))
    assert recording.load().equals(Events.of(t=[9], x=[70_000 & 0xFFFF]))
    assert recording.meta["AEChip"] == "a.CochleaAMS1c"
    assert "records-assumed" not in {finding.check for finding in recording.findings}
    one = b"#!AER-DAT1.0\r\n" + stream([5], [9])
    assert READER.read(source_of(one)).load().equals(Events.of(t=[9], x=[5]))
    assert not READER.sniff(source_of(two))


def test_an_address_that_is_no_channel_is_named_with_its_place() -> None:
    data = stream([1, 2, 70_000], [1, 2, 3], "I")
    reader = AerReader(address_bytes=4, channels=64, packet_events=2)
    with pytest.raises(FormatError, match="found 70000") as caught:
        reader.read(source_of(data)).load()
    assert caught.value.offset == 16


@pytest.mark.parametrize("options", [{"tick_us": -1.0}, {"tick_us": 2e6}, {"channels": -1}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="channels"):
        AerReader(**options)  # type: ignore[arg-type]


def test_sniffing_leaves_other_bytes_alone() -> None:
    rng = np.random.default_rng(3)
    assert not any(READER.sniff(source_of(rng.bytes(600))) for _ in range(100))
    assert not READER.sniff(source_of(b""))
    assert not READER.sniff(source_of(b"1589163147.1 3 4 1\n1589163147.2 9 9 0\n" * 50))
