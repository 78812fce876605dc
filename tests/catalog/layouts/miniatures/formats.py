"""Files of each format as datasets publish them, made of given events."""

import gzip
import io
import struct
import tarfile
import wave
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
from rosbags.rosbag1 import Writer
from scipy.io import savemat

from eventstore.events import Events, Sensor

DVS_MSGS = "dvs_msgs/msg/EventArray"


def draw(seed: int, sensor: Sensor, n: int = 12, *, start: int = 0, step: int = 100) -> Events:
    """Draw events of a sensor at times that are all different, multiples of ``step``."""
    rng = np.random.default_rng(seed)
    audio = sensor.modality == "audio"
    return Events.of(
        t=start + step * np.sort(rng.choice(10 * n, n, replace=False)),
        x=rng.integers(0, sensor.width, n),
        y=rng.integers(0, sensor.height, n),
        p=np.ones(n, int) if audio else rng.integers(0, 2, n),
    )


def zipped(files: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: Mapping[str, bytes], *, packed: bool = False) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(stream.getvalue(), mtime=0) if packed else stream.getvalue()


def atis(events: Events) -> bytes:
    """40-bit records; times must lie below 2^23 µs."""
    rows = np.zeros((len(events), 5), np.uint8)
    high = events.p.astype(np.int64) << 23 | events.t
    rows[:, 0], rows[:, 1] = events.x, events.y
    rows[:, 2], rows[:, 3], rows[:, 4] = high >> 16, high >> 8 & 255, high & 255
    return rows.tobytes()


def dat(events: Events, sensor: Sensor, *, kind: int = 0x0C) -> bytes:
    words = np.empty((len(events), 2), "<u4")
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    words[:, 0], words[:, 1] = events.t, x | y << 14 | p << 28
    head = f"% Data file containing CD events.\n% Version 2\n% Height {sensor.height}\n"
    head += f"% Width {sensor.width}\n"
    return head.encode() + bytes([kind, 8]) + words.tobytes()


def td_dat(events: Events) -> bytes:
    words = np.empty((len(events), 2), "<u4")
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    words[:, 0], words[:, 1] = events.t, x | y << 9 | p << 17
    return b"% Data file containing TD events.\n\x00\x08" + words.tobytes()


def aedat2(events: Events) -> bytes:
    """Addresses of a DVS128, whose origin is the lower right corner."""
    words = np.empty((len(events), 2), ">u4")
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    words[:, 0], words[:, 1] = (127 - y) << 8 | (127 - x) << 1 | (1 - p), events.t
    return b"#!AER-DAT2.0\r\n# This is a raw AE data file\r\n" + words.tobytes()


def aedat31(events: Events) -> bytes:
    head = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"
    words = np.empty((len(events), 2), "<u4")
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    words[:, 0], words[:, 1] = x << 17 | y << 2 | p << 1 | 1, events.t
    n = len(events)
    return head + struct.pack("<hhiiiiii", 1, 1, 8, 4, 0, n, n, n) + words.tobytes()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def table(events: Events, order: str, *, divide_t: int = 1) -> np.ndarray:
    columns = {"t": events.t // divide_t, "x": events.x, "y": events.y, "p": events.p}
    return np.stack([columns[letter].astype(np.int64) for letter in order], axis=1)


def records(events: Events, kind: list[tuple[str, str]]) -> np.ndarray:
    array = np.empty(len(events), kind)
    for name, _ in kind:
        array[name] = getattr(events, name)
    return array


def mat(**variables: Any) -> bytes:
    stream = io.BytesIO()
    savemat(stream, variables)
    return stream.getvalue()


def hdf5(datasets: Mapping[str, Any]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, values in datasets.items():
            file[name] = values
    return stream.getvalue()


def ragged(rows: Sequence[np.ndarray], kind: Any) -> np.ndarray:
    """Return rows of different lengths as h5py takes them."""
    array = np.empty(len(rows), h5py.vlen_dtype(kind))
    for i, row in enumerate(rows):
        array[i] = row.astype(kind)
    return array


def bag(topics: Mapping[str, tuple[Events, Sensor]]) -> bytes:
    """A bag of ROS 1 with a topic of ``dvs_msgs/EventArray`` for each name."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.bag"
        with Writer(path) as writer:
            for topic, (events, sensor) in topics.items():
                to = writer.add_connection(topic, DVS_MSGS, msgdef="-", md5sum="0" * 32)
                writer.write(to, 0, _event_array(events, sensor))
        return path.read_bytes()


def _event_array(events: Events, sensor: Sensor) -> bytes:
    head = struct.pack("<III", 1, 0, 0) + struct.pack("<I3s", 3, b"cam")
    head += struct.pack("<III", sensor.height, sensor.width, len(events))
    return head + b"".join(
        struct.pack("<HHIIB", x, y, t // 10**6, t % 10**6 * 1000, p)
        for t, x, y, p in zip(*(column.tolist() for column in events), strict=True)
    )


def wav(seed: int, n: int = 400, rate: int = 8000) -> bytes:
    rng = np.random.default_rng(seed)
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        sound = 12000 * np.sin(np.arange(n) / rng.uniform(2, 9))
        file.writeframes(sound.astype("<i2").tobytes())
    return stream.getvalue()


def idx(images: np.ndarray) -> bytes:
    n, rows, columns = images.shape
    head = struct.pack(">IIII", 2051, n, rows, columns)
    return gzip.compress(head + images.astype(np.uint8).tobytes(), mtime=0)


def idx_labels(labels: Sequence[int]) -> bytes:
    return gzip.compress(struct.pack(">II", 2049, len(labels)) + bytes(labels), mtime=0)


BOX_KIND = [
    ("t", "<u8"), ("x", "<f4"), ("y", "<f4"), ("w", "<f4"), ("h", "<f4"), ("class_id", "u1"),
    ("track_id", "<u4"), ("class_confidence", "<f4"),
]  # fmt: skip
"""Fields of the boxes of Prophesee's later datasets."""


def boxes(rows: Sequence[tuple[float, ...]], *, older: bool = False) -> bytes:
    """Boxes (t, x, y, w, h, class, track); in the older form the fields have their first names."""
    kind = [(n.replace("class_confidence", "confidence"), k) for n, k in BOX_KIND]
    kind = [("ts" if n == "t" else n, k) for n, k in kind]
    return npy(np.array([(*row, 1.0) for row in rows], kind if older else BOX_KIND))
