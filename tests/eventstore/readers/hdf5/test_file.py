"""Groups and datasets by path, opened once for all parts of a source, and never a crash."""

import gc
import mmap
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from eventstore.corpus.mutate import mutate
from eventstore.errors import FormatError
from eventstore.readers.hdf5.datatypes import Sequences
from eventstore.readers.hdf5.file import _OPEN, Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]
Saved = Callable[..., bytes]


def fill(file: h5py.File) -> None:
    rng = np.random.default_rng(0)
    for letter in "txyp":
        options = {"chunks": (16,), "compression": "gzip"} if letter in "xp" else {}
        file.create_dataset(f"events/{letter}", data=rng.integers(0, 9, 100), **options)
    spikes = file.create_dataset("spikes/times", (3,), h5py.vlen_dtype(np.float16))
    for i in range(3):
        spikes[i] = np.arange(5 * i)
    file["name"] = "text"
    file.attrs["geometry"] = "34x34"
    file.create_dataset("records", data=np.zeros(9, [("t", "<i8"), ("x", "<u2")]), chunks=(4,))


def test_paths_lead_to_groups_and_datasets(opened: Opened) -> None:
    root = opened(fill)
    events = root.group("events")
    assert events is not None
    assert (events.path, sorted(events)) == ("events", ["p", "t", "x", "y"])
    assert root.dataset("events/t") is events.dataset("t")
    for path in ("nothing", "events/nothing", "events/t/deeper", ""):
        assert root.get(path) is None
    assert root.group("events/t") is None
    assert root.dataset("events") is None
    with pytest.raises(FormatError, match=r"no dataset events/polarity; .*found p, t, x, y") as e:
        events.need("polarity")
    assert "--reader" in e.value.hint


def test_a_file_is_opened_once_and_closed_with_its_bytes(saved: Saved, tmp_path: Path) -> None:
    (tmp_path / "some.h5").write_bytes(saved(fill))
    before = len(_OPEN)
    source = ByteSource.map_file(tmp_path / "some.h5")
    root = open_hdf5(source)
    assert open_hdf5(source.of_part("x")) is root
    assert open_hdf5(ByteSource.map_file(tmp_path / "some.h5")) is not root
    mapping = source.data.obj
    assert isinstance(mapping, mmap.mmap)
    del source, root, mapping
    gc.collect()
    assert len(_OPEN) == before


def test_a_root_that_is_a_dataset_is_refused(saved: Saved) -> None:
    data = bytearray(saved(lambda file: file.create_dataset("x", data=[1]), libver="earliest"))
    root = open_hdf5(ByteSource("some.h5", memoryview(bytes(data))))
    data[64:72] = root.links["x"].to_bytes(8, "little")
    with pytest.raises(FormatError, match="the root is no group"):
        open_hdf5(ByteSource("some.h5", memoryview(bytes(data))))


def read_all(group: Group, depth: int = 0) -> int:
    n_bytes = sum(np.asarray(value).nbytes for value in group.attributes().values())
    for name in group:
        found = group.get(name)
        if isinstance(found, Group) and depth < 4:
            n_bytes += read_all(found, depth + 1)
        elif found is not None and not isinstance(found, Group):
            rows = min(found.whole_rows()[0], 1000)
            n_bytes += found.rows(0, rows).nbytes
            if isinstance(found.kind, Sequences):
                n_bytes += sum(found.sequence(row).nbytes for row in range(rows))
    return n_bytes


@pytest.mark.parametrize("libver", ["earliest", "v108", "v110", "latest"])
def test_mutated_files_are_read_or_refused(saved: Saved, libver: str) -> None:
    whole = saved(fill, libver=libver)
    rng = np.random.default_rng(0)
    outcomes = [outcome(mutate(whole, rng)) for _ in range(400)]
    assert set(outcomes) == {"read", "refused"}


def outcome(data: bytes) -> str:
    try:
        read_all(open_hdf5(ByteSource("some.h5", memoryview(data))))
    except FormatError as error:
        return "refused" if "some.h5" in error.message and error.hint else str(error)
    return "read"
