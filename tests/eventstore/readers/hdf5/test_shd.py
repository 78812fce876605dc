"""SHD and SSC: 16-bit seconds, labels by name, folds by file name, thousands of rows at once."""

import io
import time
from collections.abc import Callable
from typing import Any, ClassVar

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource
from eventstore.readers.hdf5.shd import CHANNELS, READER
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract

Saved = Callable[..., bytes]
KEYS = ["zero", "one", "two", "null", "eins"]


class TestContract(ReaderContract):
    reader = READER
    sensor: ClassVar[Sensor] = Sensor.audio(64)
    streams: ClassVar[bool] = False  # the index of the chunks is written last

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        with h5py.File(stream, "w") as file:
            fill(file, [(events.t / 1e6, events.x)], np.float64)
        return stream.getvalue()


def fill(
    file: h5py.File,
    rows: list[tuple[np.ndarray, np.ndarray]],
    dtype: Any = np.float16,
    *,
    keys: Any = None,
) -> None:
    n = len(rows)
    times = file.create_dataset("spikes/times", (n,), h5py.vlen_dtype(dtype))
    units = file.create_dataset("spikes/units", (n,), h5py.vlen_dtype(np.uint16))
    for i, (t, c) in enumerate(rows):
        times[i], units[i] = t.astype(dtype), c
    file["labels"] = np.arange(n, dtype="u2") % 5
    file["extra/speaker"] = np.arange(n, dtype="u2") % 12
    if keys is not None:
        file["extra/keys"] = keys


def random_rows(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 60, n)
    return [(np.sort(rng.random(k)), rng.integers(0, CHANNELS, k)) for k in sizes]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_times_are_widened_before_they_are_scaled(saved: Saved, dtype: Any, libver: str) -> None:
    rows = random_rows(7)
    data = saved(lambda file: fill(file, rows, dtype, keys=np.array(KEYS, "S4")), libver=libver)
    source = ByteSource("shd_train.h5", memoryview(data))
    for part, (t, c) in zip(READER.parts(source), rows, strict=True):
        recording = READER.read(source.of_part(part.name))
        events = recording.load()
        assert events.t.tolist() == [round(float(s) * 1e6) for s in t.astype(dtype)]
        assert events.t.max() > 65_504 or len(t) < 3, "nothing overflowed"
        assert np.array_equal(events.x, c)
        assert (recording.sensor, recording.zero_based) == (Sensor.audio(CHANNELS), True)
        assert recording.meta["speaker"] == str(int(part.name) % 12)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (np.array(KEYS, "S4"), KEYS),
        (KEYS, KEYS),
        (None, ["0", "1", "2", "3", "4"]),
        (np.arange(3), ["0", "1", "2", "3", "4"]),
        (np.array(KEYS[:2], "S4"), ["zero", "one", "2", "3", "4"]),
    ],
    ids=["fixed", "any length", "none", "numbers", "too few"],
)
def test_labels_are_names_where_classes_have_names(
    saved: Saved, keys: Any, names: list[str]
) -> None:
    data = saved(lambda file: fill(file, random_rows(6), keys=keys))
    parts = READER.parts(ByteSource("spikes.h5", memoryview(data)))
    assert [part.label for part in parts] == [*names, names[0]]


@pytest.mark.parametrize(
    ("name", "fold"),
    [
        ("shd_train.h5", "train"),
        ("data/SHD_Test.h5", "test"),
        ("ssc_valid.h5", "valid"),
        ("train/latest.h5", None),
    ],
)
def test_the_fold_is_in_the_file_s_name(saved: Saved, name: str, fold: str | None) -> None:
    data = saved(lambda file: fill(file, random_rows(2)))
    parts = READER.parts(ByteSource(name, memoryview(data)))
    assert parts == [
        Part(name="00000", label="0", fold=fold),
        Part(name="00001", label="1", fold=fold),
    ]


def test_rows_are_named_by_their_numbers(saved: Saved) -> None:
    source = ByteSource("some.h5", memoryview(saved(lambda file: fill(file, random_rows(3)))))
    for part in ("00003", "2", "-1", "0000²", "x"):
        with pytest.raises(NotFound, match="no recording") as e:
            READER.read(source.of_part(part))
        assert "00000 … 00002" in e.value.hint
    with pytest.raises(InvalidInput, match="holds 3 recordings: 00000"):
        READER.read(source)


def test_spikes_that_run_back_are_kept_in_order(saved: Saved) -> None:
    rows = [(np.array([0.5, 0.25, 0.25]), np.array([3, 1, 2]))]
    source = ByteSource("some.h5", memoryview(saved(lambda file: fill(file, rows))))
    events = READER.read(source).load()
    assert (events.t.tolist(), events.x.tolist()) == ([500_000, 250_000, 250_000], [3, 1, 2])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spikes/times": np.zeros(3)}, "spikes/times is not what it is called"),
        ({"spikes/units": ["a", "b", "c"]}, "spikes/units is not what it is called"),
        ({"labels": [1]}, "expected a number for each of 3 rows"),
        ({"labels": [0.5, 1, 2]}, "expected a number for each of 3 rows"),
    ],
)
def test_other_structures_are_refused(saved: Saved, change: dict[str, Any], said: str) -> None:
    def both(file: h5py.File) -> None:
        fill(file, random_rows(3))
        for path, values in change.items():
            del file[path]
            file[path] = values

    with pytest.raises(FormatError, match=said):
        READER.parts(ByteSource("some.h5", memoryview(saved(both))))


def test_rows_that_do_not_belong_together_are_refused(saved: Saved) -> None:
    def both(file: h5py.File) -> None:
        fill(file, [(np.array([0.5, 0.6]), np.array([1]))])

    source = ByteSource("some.h5", memoryview(saved(both)))
    with pytest.raises(FormatError, match="columns differ in length"):
        READER.read(source)


def test_thousands_of_rows_are_listed_and_read_fast(saved: Saved) -> None:
    n = 2000
    data = saved(lambda file: fill(file, random_rows(n), keys=np.array(KEYS, "S4")))
    source = ByteSource("shd_train.h5", memoryview(data))
    started = time.process_time()
    parts = READER.parts(source)
    listed = time.process_time() - started
    total = sum(len(READER.read(source.of_part(part.name)).load()) for part in parts)
    read = time.process_time() - started - listed
    assert total == sum(len(t) for t, _ in random_rows(n))
    assert listed < 0.5, f"{listed:.2f} s to list {n}"
    assert read < n * 0.002, f"{1000 * read / n:.2f} ms a recording"
