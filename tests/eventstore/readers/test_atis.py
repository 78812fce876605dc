"""The ATIS reader against files decoded by others, the record layout, and broken bytes."""

import json
from pathlib import Path

import numpy as np
import pytest

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_file, read_source
from eventstore.readers.atis import READER, AtisReader, iter_packets

RECORDINGS = ["ncaltech101-face.bin", *(f"clips-128x128/{i}.bin" for i in range(1, 5))]


def _source(raw: bytes | list[int], name: str = "some.bin") -> ByteSource:
    return ByteSource(name, memoryview(bytes(raw)))


def _decode(raw: list[int]) -> Events:
    return READER.read(_source(raw)).load()


@pytest.mark.parametrize("name", RECORDINGS)
def test_real_files_decode_as_other_decoders_say(shared_data: Path, name: str) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())[name]
    events = read_file(shared_data / "recordings" / name).load()
    assert len(events) == truth["events"]
    assert (events.t[0], events.t[-1]) == (truth["first_t"], truth["last_t"])
    assert int(events.p.sum()) == truth["on"]
    assert columns_sha256(events) == truth["sha256_t_x_y_p"]


def test_record_layout() -> None:
    events = _decode([3, 4, 0x80 | 0x7F, 0xFF, 0xFE, 255, 0, 0x00, 0x01, 0x02])
    assert events.equals(Events.of(t=[(1 << 23) - 2, 258], x=[3, 255], y=[4, 0], p=[1, 0]))


def test_overflow_records_add_2_to_the_13_to_all_later_stamps() -> None:
    overflow = [0, 240, 0xFF, 0xFF, 0xFF]
    event = [1, 2, 0, 0, 5]
    events = _decode([*event, *overflow, *overflow, *event, *overflow, *event])
    assert events.t.tolist() == [5, 2 * 8192 + 5, 3 * 8192 + 5]


def test_a_trailing_run_of_overflows_adds_no_event() -> None:
    assert len(_decode([0, 240, 0, 0, 0] * 3)) == 0


@pytest.mark.parametrize("packet_events", [1, 2, 3, 7, 100])
def test_packets_of_any_size_hold_the_same_events(packet_events: int) -> None:
    rng = np.random.default_rng(1)
    raw = rng.integers(0, 256, 100 * 5).astype(np.uint8)
    raw[1::25] = 240  # some overflows
    packets = list(iter_packets(raw, packet_events))
    assert all(0 < len(packet) <= packet_events for packet in packets)
    assert Events.concatenate(packets).equals(Events.concatenate(list(iter_packets(raw))))


@pytest.mark.parametrize("size", range(1, 31))
def test_a_file_cut_anywhere_gives_whole_records_and_says_so(size: int) -> None:
    raw = [1, 2, 0, 0, 5] * 6
    recording = READER.read(_source(raw[:size]), sensor=Sensor(34, 34))
    assert recording.load().equals(_decode(raw)[: size // 5])
    cuts = [f.message for f in recording.findings if f.check == "cut-file"]
    rest = size % 5
    assert cuts == (
        [f"the file ends inside a record: {rest} bytes at {size - rest}"] if rest else []
    )


def test_an_event_outside_the_given_sensor_is_named() -> None:
    raw = [1, 2, 0, 0, 5, 34, 2, 0, 0, 6]
    with pytest.raises(FormatError, match=r"event 1 \(t = 6 µs\).*x = 34, y = 2"):
        read_source(_source(raw), sensor=Sensor(34, 34)).load()


@pytest.mark.parametrize(
    ("x", "y", "sensor"),
    [
        (33, 33, Sensor(34, 34)),
        (34, 3, Sensor(128, 128)),
        (3, 128, Sensor(240, 180)),
        (240, 239, Sensor(304, 240)),
        (0, 241, Sensor(346, 260)),
    ],
)
def test_the_smallest_known_geometry_is_assumed_and_said(x: int, y: int, sensor: Sensor) -> None:
    recording = READER.read(_source([x, y, 0, 0, 5]))
    assert recording.sensor == sensor
    (finding,) = recording.findings
    assert f"assumed {sensor.width}×{sensor.height}" in finding.message


def test_a_given_geometry_is_taken_without_a_finding() -> None:
    recording = READER.read(_source([1, 1, 0, 0, 5]), sensor=Sensor(64, 48))
    assert (recording.sensor, recording.findings) == (Sensor(64, 48), [])


def test_an_empty_file_has_no_events_and_warns() -> None:
    recording = read_source(_source([]), sensor=Sensor(34, 34))
    assert len(recording.load()) == 0
    assert "failed download" in recording.findings[0].fix


def test_sniffing_refuses_random_bytes_and_other_suffixes() -> None:
    rng = np.random.default_rng(0)
    claimed = [READER.sniff(_source(rng.bytes(100))) for _ in range(200)]
    assert not any(claimed)
    assert not READER.sniff(_source([1, 2, 0, 0, 5], name="some.dat"))
    assert READER.sniff(_source([1, 2, 0, 0, 5], name="SOME.BIN"))


def test_packets_bound_the_memory_of_a_packet() -> None:
    reader = AtisReader(packet_events=4)
    packets = reader.read(_source([1, 2, 0, 0, 5] * 10)).packets
    assert [len(packet) for packet in packets] == [4, 4, 2]
