"""MVSEC: a pair of cameras, seconds of Unix time, frames and IMU samples beside the events."""

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource
from eventstore.readers.conformance import sample_events
from eventstore.readers.hdf5.mvsec import READER
from eventstore.readers.protocol import Part
from eventstore.side import SideTable
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]
UNIX = 1_506_117_892.0
EVENTS = sample_events(Sensor(34, 26), 300)


def table(events: Events, start: float = 0.0) -> np.ndarray:
    return np.stack([events.x, events.y, events.t / 1e6 + start, events.p * 2.0 - 1], axis=1)


class TestContract(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            empty = file.create_dataset("davis/left/events", (len(events), 4), "f8")
            empty[:] = table(events)
        return stream.getvalue()


def fill(file: h5py.File) -> None:
    rng = np.random.default_rng(0)
    for side in ("left", "right"):
        camera = file.create_group(f"davis/{side}")
        camera["events"] = table(EVENTS, UNIX)
        camera["imu"] = rng.normal(size=(40, 6))
        camera["imu_ts"] = UNIX + np.arange(40) / 1000
    file.create_dataset(
        "davis/left/image_raw",
        data=rng.integers(0, 255, (3, 26, 34), np.uint8),
        chunks=(1, 26, 34),
        compression="lzf",
    )
    file["davis/left/image_raw_ts"] = UNIX + np.array([0.01, 0.02, 0.0300005])


def source(saved: Saved, more: Callable[[h5py.File], object] = len, part: str = "") -> ByteSource:
    def both(file: h5py.File) -> None:
        fill(file)
        more(file)

    return ByteSource("some.hdf5", memoryview(saved(both)), part=part)


def test_each_camera_is_a_recording_of_unix_time(saved: Saved) -> None:
    there = source(saved)
    assert READER.parts(there) == [Part(name="left"), Part(name="right")]
    recording = READER.read(there.of_part("left"))
    assert (recording.sensor, recording.zero_based) == (Sensor(34, 26), False)
    assert recording.load().equals(EVENTS.shifted(int(UNIX * 1e6)))
    with pytest.raises(InvalidInput, match="2 recordings: left, right"):
        READER.read(there)


def test_without_frames_the_sensor_is_assumed(saved: Saved) -> None:
    recording = READER.read(source(saved, part="right"))
    assert recording.sensor == Sensor(34, 34)
    assert recording.findings[0].check == "geometry-assumed"
    assert list(recording.side) == ["imu"]


def test_side_streams(saved: Saved) -> None:
    side = READER.read(source(saved, part="left")).side
    frames, imu = (SideTable.concatenate(kind, list(side[kind]())) for kind in ("frames", "imu"))
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 6)).astype(np.float32)
    assert np.array_equal(imu.columns["accel_x"], values[:, 0])
    assert np.array_equal(imu.columns["gyro_z"], values[:, 5])
    assert np.isnan(imu.columns["mag_x"]).all()
    start = int(UNIX) * 10**6
    assert (imu.columns["t"] - start).tolist() == [1000 * i for i in range(40)]
    assert (frames.columns["t"] - start).tolist() == [10_000, 20_000, 30_000]
    assert frames.image(2).shape == (26, 34, 1)
    assert len(list(side["frames"]())) == 1, "a stream can be decoded again"


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("imu", {"imu": np.zeros((40, 7))}, "davis/left/imu is not what it is called"),
        ("imu", {"imu": np.zeros(40)}, "expected 2 axes"),
        ("frames", {"image_raw": np.zeros((3, 26, 34), "u2")}, "expected frames of 8 bits"),
        ("imu", {"imu_ts": np.full(40, np.nan)}, "column t out of range"),
    ],
)
def test_bad_side_streams_are_refused_when_they_are_read(
    saved: Saved, kind: str, change: dict[str, Any], said: str
) -> None:
    def more(file: h5py.File) -> None:
        for name, values in change.items():
            del file[f"davis/left/{name}"]
            file[f"davis/left/{name}"] = values

    recording = READER.read(source(saved, more, "left"))
    assert len(recording.load()) == len(EVENTS)
    with pytest.raises(FormatError, match=said):
        list(recording.side[kind]())


@pytest.mark.parametrize("values", [np.zeros((9, 5)), np.zeros(9), np.zeros((9, 4), "S1")])
def test_events_of_another_shape_are_refused(saved: Saved, values: np.ndarray) -> None:
    def only(file: h5py.File) -> None:
        file["davis/left/events"] = values

    with pytest.raises(FormatError, match="no columns of events"):
        READER.read(ByteSource("some.hdf5", memoryview(saved(only)))).load()


def test_a_file_without_a_camera_is_refused(saved: Saved) -> None:
    data = saved(lambda file: file.create_group("davis"))
    with pytest.raises(FormatError, match="no dataset davis/left/events"):
        READER.read(ByteSource("some.hdf5", memoryview(data)))
