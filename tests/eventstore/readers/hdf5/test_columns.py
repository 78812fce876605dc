"""Columns that are not all there, whole chunks at a time, and what files state beside them."""

from collections.abc import Callable

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.hdf5.columns import packet_rows, read_scalar, stated_sensor, whole_rows
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]


def test_rows_are_those_that_all_columns_have(saved: Callable[..., bytes]) -> None:
    def fill(file: h5py.File) -> None:
        empty = [file.create_dataset(name, (100,), "i8") for name in ("first", "second")]
        for dataset in empty:
            dataset[:] = np.arange(100)

    data = saved(fill)
    for cut, expected in ((0, 100), (80, 90), (799, 0)):
        root = open_hdf5(ByteSource("some.h5", memoryview(data[: len(data) - cut])))
        rows, findings = whole_rows({name: root.need(name) for name in root})
        assert rows == expected
        assert [f.check for f in findings] == (["cut-file"] if cut else [])
    assert "second of 100 rows after 0:" in findings[0].message


def test_packets_are_whole_chunks(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("small", (100,), "u1", chunks=(7,))
        file.create_dataset("large", (100,), "u1", chunks=(30,))
        file["plain"] = np.zeros(100)

    root = opened(fill)
    datasets = {name: root.need(name) for name in root}
    assert packet_rows(datasets, 100) == 90
    assert packet_rows({"small": datasets["small"]}, 100) == 98
    assert packet_rows({"plain": datasets["plain"]}, 100) == 100
    assert packet_rows(datasets, 20) == 20


def test_scalars(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["offset"] = np.int64(-5)
        file["list"] = [3]
        file["float"] = 2.5
        file["many"] = [1, 2]

    root = opened(fill)
    assert [read_scalar(root, name) for name in ("offset", "list", "none")] == [-5, 3, None]
    for name in ("float", "many"):
        with pytest.raises(FormatError, match="is no number; expected one integer"):
            read_scalar(root, name)


def test_geometry_is_stated_by_a_dataset_or_by_attributes(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["m3ed/calib/resolution"] = [1280, 720]
        file.create_group("ours").attrs.update(width=34, height=np.int64(20))
        file.create_group("half").attrs["width"] = 34
        file.create_group("odd").attrs.update(width=0, height=20)

    root = opened(fill)
    found = [
        stated_sensor(group) for name in ("m3ed", "ours", "half") if (group := root.group(name))
    ]
    assert found == [Sensor(1280, 720), Sensor(34, 20), None]
    odd = root.group("odd")
    assert odd is not None
    with pytest.raises(FormatError, match="column width out of range"):
        stated_sensor(odd)
