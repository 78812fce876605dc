"""Each layout is told by its structure, and no file has two."""

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.readers import READERS
from eventstore.readers.hdf5.file import Group
from eventstore.readers.hdf5.layouts import (
    find_indexed,
    has_layout,
    iter_datasets,
    iter_groups,
)
from eventstore.readers.open import find_reader
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]
Saved = Callable[..., bytes]


def columns(*groups: str, index: str = "") -> Callable[[h5py.File], None]:
    def fill(file: h5py.File) -> None:
        for group in groups:
            for letter in "xytp":
                file[f"{group}/{letter}"] = np.zeros(3, "u2")
            if index:
                file[f"{group}/{index}"] = np.zeros(1, "u8")

    return fill


def dsec(*beside: str) -> Callable[[h5py.File], None]:
    def fill(file: h5py.File) -> None:
        columns("events")(file)
        for name in beside:
            file[name] = 0

    return fill


def dataset(*paths: str) -> Callable[[h5py.File], None]:
    def fill(file: h5py.File) -> None:
        for path in paths:
            file[path] = np.zeros((2, 4))

    return fill


LAYOUTS: list[tuple[str, Any]] = [
    ("dsec", dsec("ms_to_idx", "t_offset")),
    ("dsec", dsec("t_offset")),
    ("dsec", dsec("ms_to_idx")),
    ("dsec", columns("prophesee/left", "prophesee/right", index="ms_map_idx")),
    ("dsec", columns("prophesee/event_cam_left", index="ms_map_idx")),
    ("hdf5", dsec()),
    ("hdf5", columns("KEY/TD")),
    ("hdf5", dataset("weights")),
    ("mvsec", dataset("davis/left/events", "davis/right/events")),
    ("mvsec", dataset("davis/right/events")),
    ("hdf5", dataset("davis/left/depth_image_raw")),
    ("ecf", dataset("CD/events", "CD/indexes")),
    ("hdf5", dataset("CD/indexes")),
    ("shd", dataset("spikes/times", "spikes/units", "labels")),
    ("hdf5", dataset("spikes/times")),
    ("ntidigits", dataset("train_labels", "train_addresses/a", "train_timestamps/a")),
    ("ntidigits", dataset("test_labels", "test_addresses/a")),
]


@pytest.mark.parametrize(("layout", "fill"), LAYOUTS)
def test_a_layout_is_told_by_its_structure(saved: Saved, layout: str, fill: Any) -> None:
    source = ByteSource("some.h5", memoryview(saved(fill)))
    names = ("dsec", "ecf", "hdf5", "mvsec", "ntidigits", "shd")
    assert [name for name in names if has_layout(source, name)] == [layout]
    sniffed = [name for name in READERS if READERS[name].sniff(source)]
    assert sniffed in ([layout], [])
    assert sniffed or layout == "hdf5"


def test_other_suffixes_and_other_files_have_none(saved: Saved) -> None:
    data = saved(dsec("t_offset"))
    assert has_layout(ByteSource("some.HDF5", memoryview(data)), "dsec")
    assert not has_layout(ByteSource("some.nc", memoryview(data)), "dsec")
    assert not has_layout(ByteSource("some.h5", memoryview(b"text")), "hdf5")


def test_a_damaged_file_is_the_general_reader_s_to_refuse(saved: Saved) -> None:
    data = saved(dsec("t_offset"))
    source = ByteSource("some.h5", memoryview(data[:200]))
    assert find_reader(source).name == "hdf5"
    assert not has_layout(source, "dsec")


def test_groups_and_datasets_from_the_outside_in(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["a/b/c/d/e/x"] = 1
        file["z"] = 1
        file["a/y"] = 1
        file["bad"] = np.zeros(2, "V3")

    root = opened(fill)
    assert [group.path for group in iter_groups(root)] == ["", "a", "a/b", "a/b/c"]
    assert [group.path for group in iter_groups(root, limit=2)] == [""]
    assert [found.path for found in iter_datasets(root)] == ["z", "a/y"]
    assert find_indexed(root) == []
