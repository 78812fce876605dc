"""The readers of AEDAT 1 and 2 against encoders of their own, a real header, and damage."""

import re
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_file
from eventstore.readers.aedat.jaer import AEDAT1, AEDAT2
from eventstore.readers.conformance import sample_events
from eventstore.readers.options import with_options
from eventstore.testing import ReaderContract

HEAD = "#!AER-DAT{}\r\n# This is a raw AE data file - do not edit\r\n# AEChip: a.b.{}\r\n"
LAST = b"#End Of ASCII Header\r\n"
SIZES = {"DAVIS240C": (240, 180), "Davis346B": (346, 260), "Davis640": (640, 480)}


def davis_words(events: Events, chip: str) -> np.ndarray:
    width, height = SIZES[chip]
    rows = np.empty((len(events), 2), ">u4")
    x, y = width - 1 - events.x.astype(int), height - 1 - events.y.astype(int)
    rows[:, 0] = (y << 22) + (x << 12) + (events.p.astype(int) << 11)
    rows[:, 1] = events.t % (1 << 32)
    return rows


def davis_file(events: Events, chip: str = "Davis346B") -> bytes:
    return HEAD.format("2.0", chip).encode() + LAST + davis_words(events, chip).tobytes()


def dvs128_records(events: Events, address: str) -> bytes:
    rows = np.empty(len(events), [("a", address), ("t", ">u4")])
    x, y = 127 - events.x.astype(int), 127 - events.y.astype(int)
    rows["a"] = (y << 8) + (x << 1) + (1 - events.p)
    rows["t"] = events.t % (1 << 32)
    return rows.tobytes()


def source_of(data: bytes) -> ByteSource:
    return ByteSource("some.aedat", memoryview(data))


class TestAedat2OfDavis(ReaderContract):
    reader = AEDAT2

    def encode(self, events: Events) -> bytes:
        return davis_file(events)


class TestAedat2OfDvs128(ReaderContract):
    reader = AEDAT2

    def encode(self, events: Events) -> bytes:
        return HEAD.format("2.0", "DVS128").encode() + dvs128_records(events, ">u4")


class TestAedat2OfLargeSensors(ReaderContract):
    reader = AEDAT2
    sensor: ClassVar[Sensor] = Sensor(640, 480)

    def encode(self, events: Events) -> bytes:
        return davis_file(events, "Davis640")


class TestAedat1(ReaderContract):
    reader = AEDAT1

    def encode(self, events: Events) -> bytes:
        return b"#!AER-DAT1.0\r\n# AEChip: DVS128\r\n" + dvs128_records(events, ">u2")


def test_a_real_header_without_events_is_a_recording_of_none(shared_data: Path) -> None:
    recording = read_file(shared_data / "recordings/aedat2-header-only.aedat")
    assert (recording.reader, recording.sensor) == ("aedat2", Sensor(240, 180))
    assert len(recording.load()) == 0
    assert [finding.check for finding in recording.findings] == ["no-events"]
    assert list(recording.side["imu"]()) == []
    assert recording.meta["Hostname"]


@pytest.mark.parametrize("chip", SIZES)
def test_the_header_says_which_addresses_they_are(chip: str) -> None:
    sensor = Sensor(*SIZES[chip])
    events = sample_events(sensor, 200)
    recording = AEDAT2.read(source_of(davis_file(events, chip)))
    assert recording.sensor == sensor
    assert recording.load().equals(events)
    assert recording.findings == []


def test_an_option_names_the_addresses_instead() -> None:
    events = sample_events(Sensor(240, 180), 20)
    data = davis_file(events, "DAVIS240C").replace(b"DAVIS240C", b"CochleaXX")
    with pytest.raises(FormatError, match="CochleaXX"):
        AEDAT2.read(source_of(data))
    named = with_options(AEDAT2, {"sensor_map": "davis240"})
    assert named.read(source_of(data)).load().equals(events)
    with pytest.raises(InvalidInput, match="no value of the option"):
        with_options(AEDAT2, {"sensor_map": "davis241"})


def test_coordinates_can_be_left_as_the_address_has_them() -> None:
    events = Events.of(t=[5], x=[3], y=[7], p=[1])
    raw = with_options(AEDAT2, {"coordinates": "address"}).read(source_of(davis_file(events)))
    assert raw.load().equals(Events.of(t=[5], x=[342], y=[252], p=[1]))
    data = b"#!AER-DAT1.0\r\n" + dvs128_records(events, ">u2")
    raw = with_options(AEDAT1, {"coordinates": "address"}).read(source_of(data))
    assert raw.load().equals(Events.of(t=[5], x=[124], y=[120], p=[0]))


@pytest.mark.parametrize(("chip", "name"), [("DAVIS240C", "davis240"), ("Davis640", "davis640")])
def test_without_a_chip_the_addresses_are_guessed_and_said(chip: str, name: str) -> None:
    events = sample_events(Sensor(*SIZES[chip]), 500)
    data = b"#!AER-DAT2.0\r\n" + davis_words(events, chip).tobytes()
    recording = AEDAT2.read(source_of(data))
    assert recording.load().equals(events)
    assert [finding.check for finding in recording.findings] == ["sensor-map-assumed"]
    assert name in recording.findings[0].message


def test_a_given_sensor_names_the_chip_where_the_header_does_not() -> None:
    events = Events.of(t=[1, 2], x=[345, 300], y=[259, 200])
    data = b"#!AER-DAT2.0\r\n" + davis_words(events, "Davis346B").tobytes()
    assert AEDAT2.read(source_of(data), sensor=Sensor(346, 260)).load().equals(events)
    guessed = AEDAT2.read(source_of(data)).load()
    assert (guessed.x.tolist(), guessed.y.tolist()) == ([239, 194], [179, 120])


def test_records_that_are_no_events_stay_out_and_are_said() -> None:
    events = sample_events(Sensor(346, 260), 30)
    words = davis_words(events, "Davis346B")
    imu = [1 << 31 | code << 28 | 3 << 10 for code in range(7)]
    others = [*imu, 1 << 31 | 7 << 12 | 99, 1 << 31 | 1 << 10, 1 << 10 | 3]
    mixed = np.insert(words, [10] * len(others), 0, axis=0)
    mixed[10 : 10 + len(others), 0] = others
    mixed[10 : 10 + len(others), 1] = 77
    data = HEAD.format("2.0", "Davis346B").encode() + LAST + mixed.tobytes()
    recording = AEDAT2.read(source_of(data))
    decoded = recording.load()
    assert decoded.x.tolist() == events.x.tolist()
    said = {finding.check: finding.message for finding in recording.findings}
    assert said["other-words"].startswith("2 pixels of frames, 7 words of IMU samples, 1 events")
    assert "assumed 4 g, 500 °/s" in said["imu-scale-assumed"]
    (imu_table,), (sync,) = recording.side["imu"](), recording.side["triggers"]()
    assert imu_table.columns["t"].tolist() == [77]
    assert (sync.columns["channel"].tolist(), sync.columns["edge"].tolist()) == ([3], [1])


def test_data_that_begins_like_a_header_line_is_data() -> None:
    y = 259 - (0x23000000 >> 22)
    events = Events.of(t=[1, 2], x=[0, 1], y=[y, y], p=[0, 1])
    for last in (b"", LAST):
        data = HEAD.format("2.0", "Davis346B").encode() + last
        data += davis_words(events, "Davis346B").tobytes()
        assert AEDAT2.read(source_of(data)).load().equals(events)


@pytest.mark.parametrize("version", ["1", "2"])
def test_each_version_is_known_by_its_first_line(version: str) -> None:
    source = source_of(f"#!AER-DAT{version}.0\r\n".encode())
    assert (AEDAT1.sniff(source), AEDAT2.sniff(source)) == (version == "1", version == "2")
    assert not AEDAT1.sniff(source_of(b"#!AER-DAT3.1\r\n"))


def test_stamps_run_on_through_both_wraps() -> None:
    t = [(1 << 31) - 2, (1 << 31) + 5, (1 << 32) - 1, (1 << 32) + 3, (1 << 32) + 2]
    events = Events.of(t=t, x=[1] * 5, y=[2] * 5)
    assert AEDAT2.read(source_of(davis_file(events))).load().t.tolist() == t


@given(st.data())
def test_mutated_files_give_events_or_an_error(data: st.DataObject) -> None:
    reader = data.draw(st.sampled_from([AEDAT1, AEDAT2]))
    table = sample_events(Sensor(34, 34), 4)
    one = b"#!AER-DAT1.0\r\n" + dvs128_records(table, ">u2")
    whole = bytearray(one if reader is AEDAT1 else davis_file(table))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        recording = reader.read(source_of(bytes(whole)))
    except FormatError as error:
        assert re.search("unknown chip", error.message)  # noqa: PT017 other errors fail the test
    else:
        assert len(recording.load()) <= len(whole) // 6
