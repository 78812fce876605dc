"""Shapes of both versions, with and without limits, of one element and of none."""

from collections.abc import Callable

import h5py
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.hdf5.dataspaces import Extent, read_extent
from eventstore.readers.hdf5.file import Group
from eventstore.readers.protocol import ByteSource


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_shapes_are_those_that_were_written(opened: Callable[..., Group], libver: str) -> None:
    def fill(file: h5py.File) -> None:
        file["one"] = 5
        file["flat"] = [1, 2, 3]
        file.create_dataset("grows", (2, 3), "i4", chunks=(2, 3), maxshape=(None, 7))
        file["none"] = h5py.Empty("f8")

    root = opened(fill, libver=libver)
    assert root.need("one").extent == Extent((), ())
    assert root.need("flat").extent == Extent((3,), (3,))
    assert root.need("grows").extent == Extent((2, 3), (None, 7))
    assert root.need("none").shape == (0,)


@pytest.mark.parametrize("data", [bytes([3, 1, 0, 1]), bytes([1, 33, 0, 0]), bytes([1, 1])])
def test_a_damaged_shape_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"damaged shape|too early"):
        read_extent(Space(ByteSource("some.h5", memoryview(data))).at(0))
