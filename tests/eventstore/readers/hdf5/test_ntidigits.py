"""N-TIDIGITS18: recordings by fold and id, labels behind the last dash."""

import io
from collections.abc import Callable
from typing import Any, ClassVar

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource
from eventstore.readers.hdf5.ntidigits import CHANNELS, READER
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]
IDS = {"train": ["man-ae-o33z", "woman-bb-1"], "test": ["boy-cc-z"]}


class TestContract(ReaderContract):
    reader = READER
    sensor: ClassVar[Sensor] = Sensor.audio(64)

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            file["train_labels"] = np.array([b"man-ae-o"])
            places = (("train_addresses", "u2"), ("train_timestamps", "f8"))
            channels, times = (
                file.create_dataset(f"{p}/man-ae-o", (len(events),), d) for p, d in places
            )
            channels[:], times[:] = events.x, events.t / 1e6
        return stream.getvalue()


def fill(file: h5py.File) -> None:
    for fold, ids in IDS.items():
        file[f"{fold}_labels"] = np.array(ids, "S") if fold == "train" else ids
        for at, name in enumerate(ids):
            file[f"{fold}_addresses/{name}"] = np.arange(at + 3, dtype="u1")
            file[f"{fold}_timestamps/{name}"] = 0.25 + np.arange(at + 3) / 8


def source(saved: Saved, **changes: Any) -> ByteSource:
    def both(file: h5py.File) -> None:
        fill(file)
        for path, values in changes.items():
            del file[path]
            if values is not None:
                file[path] = values

    return ByteSource("n-tidigits.hdf5", memoryview(saved(both)))


@pytest.mark.parametrize("libver", ["earliest", "v108"])
def test_recordings_with_label_and_fold(saved: Saved, libver: str) -> None:
    there = ByteSource("n-tidigits.hdf5", memoryview(saved(fill, libver=libver)))
    assert READER.parts(there) == [
        Part(name="train/man-ae-o33z", label="o33z", fold="train"),
        Part(name="train/woman-bb-1", label="1", fold="train"),
        Part(name="test/boy-cc-z", label="z", fold="test"),
    ]
    recording = READER.read(there.of_part("train/woman-bb-1"))
    events = recording.load()
    assert recording.sensor == Sensor.audio(CHANNELS)
    assert events.t.tolist() == [250_000, 375_000, 500_000, 625_000]
    assert events.x.tolist() == [0, 1, 2, 3]


def test_one_fold_is_enough(saved: Saved) -> None:
    there = source(saved, train_labels=None, train_addresses=None, train_timestamps=None)
    assert [part.name for part in READER.parts(there)] == ["test/boy-cc-z"]
    assert len(READER.read(there).load()) == 3


def test_a_recording_that_is_not_there(saved: Saved) -> None:
    for name in ("train/boy-cc-z", "train", "nothing"):
        with pytest.raises(NotFound, match="known: test/boy-cc-z"):
            READER.read(source(saved).of_part(name))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_addresses/woman-bb-1": None}, "no spikes of woman-bb-1"),
        ({"train_labels": None}, "no dataset train_labels"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(
    saved: Saved, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        READER.parts(source(saved, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_timestamps/woman-bb-1": None}, "no dataset train_timestamps/woman-bb-1"),
        ({"train_timestamps/woman-bb-1": [1.0]}, "columns differ in length"),
        ({"train_addresses/woman-bb-1": [[0, 1, 2, 3]]}, "one-dimensional columns"),
    ],
)
def test_damaged_spikes_are_refused(saved: Saved, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        READER.read(source(saved, **changes).of_part("train/woman-bb-1")).load()
