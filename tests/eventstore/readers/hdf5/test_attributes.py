"""Attributes: texts and numbers, few and many, of all versions."""

from collections.abc import Callable

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.attributes import VALUE_LIMIT
from eventstore.readers.hdf5.file import Group

Opened = Callable[..., Group]


@pytest.mark.parametrize("libver", ["earliest", "v108", "latest"])
@pytest.mark.parametrize("n", [0, 3, 40])
def test_texts_and_numbers_come_back(opened: Opened, libver: str, n: int) -> None:
    def fill(file: h5py.File) -> None:
        for i in range(n):
            file.attrs[f"text {i}"] = f"größe {i}"
            file.attrs[f"bytes {i}"] = np.bytes_(b"geometry")
            file.attrs[f"list {i}"] = np.arange(i)
            file.attrs[f"one {i}"] = np.float32(i / 2)

    found = opened(fill, libver=libver).attributes()
    assert len(found) == 4 * n
    for i in range(n):
        assert found[f"text {i}"] == f"größe {i}"
        assert found[f"bytes {i}"] == "geometry"
        assert np.array_equal(found[f"list {i}"], np.arange(i))
        assert np.asarray(found[f"one {i}"]).item() == i / 2


def test_values_that_are_not_read_are_left_out(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.attrs["reference"] = file.ref
        file.attrs["list of texts"] = ["a", "b"]
        file.attrs["empty"] = h5py.Empty("f4")
        file.attrs["geometry"] = "640x480"

    found = opened(fill).attributes()
    assert {"geometry", "empty"} <= set(found) <= {"geometry", "empty", "list of texts"}
    assert found["geometry"] == "640x480"
    assert len(found["empty"]) == 0
    assert VALUE_LIMIT == 1 << 20


def test_a_damaged_value_is_left_out_and_damaged_sizes_are_refused(
    saved: Callable[..., bytes],
) -> None:
    from eventstore.readers.hdf5.file import open_hdf5
    from eventstore.readers.protocol import ByteSource

    data = saved(lambda file: file.attrs.update(geometry=np.bytes_(b"640x480")), libver="earliest")
    name_at = data.index(b"geometry\0")
    for at, value in ((name_at - 8, 9), (name_at - 6, 255)):
        bad = bytearray(data)
        bad[at] = value
        root = open_hdf5(ByteSource("some.h5", memoryview(bytes(bad))))
        with pytest.raises(FormatError):
            root.attributes()
