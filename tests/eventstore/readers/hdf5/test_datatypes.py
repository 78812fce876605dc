"""Types come back as the dtypes they were written with; strange ones are refused."""

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.hdf5.datatypes import Sequences, read_datatype
from eventstore.readers.hdf5.file import Group
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]

NUMBERS = [f"{order}{kind}" for order in "<>" for kind in ("i2", "u4", "i8", "f2", "f4", "f8")]
RECORDS: list[Any] = [
    [("t", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")],
    {"names": ["p", "t", "id"], "formats": ["<i2", "<i8", "<i2"], "offsets": [0, 8, 16],
     "itemsize": 24},
    [("at", [("x", "<u2"), ("y", "<u2")]), ("corners", "<f4", (2, 3))],
]  # fmt: skip


@pytest.mark.parametrize("libver", ["earliest", "v110", "latest"])
@pytest.mark.parametrize("dtype", [*NUMBERS, "u1", "i1", "S1", "S700", *RECORDS], ids=str)
def test_a_type_comes_back(opened: Opened, dtype: Any, libver: str) -> None:
    expected = np.dtype(dtype)
    root = opened(lambda file: file.create_dataset("a", (2,), expected), libver=libver)
    assert root.need("a").kind == expected


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_sequences_texts_and_enumerations(opened: Opened, libver: str) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("spikes", (1,), h5py.vlen_dtype(np.float16))
        file.create_dataset("name", (1,), h5py.string_dtype())
        file.create_dataset("flag", (1,), "?")
        file.create_dataset("kind", (1,), h5py.enum_dtype({"off": 0, "on": 1}, basetype="<u2"))
        file.create_dataset("bits", (1,), h5py.opaque_dtype("V4"))

    root = opened(fill, libver=libver)
    assert root.need("spikes").kind == Sequences(np.dtype("<f2"), is_text=False)
    name = root.need("name").kind
    assert isinstance(name, Sequences)
    assert name.is_text
    assert [root.need(path).kind for path in ("flag", "kind")] == ["i1", "<u2"]
    with pytest.raises(FormatError, match="a type of class 5 is not read"):
        root.need("bits")


def described(*data: int) -> Any:
    return read_datatype(Space(ByteSource("some.h5", memoryview(bytes(data)))).at(0))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([0x10, 0, 0, 0, 3, 0, 0, 0, 0, 0, 24, 0], "whole numbers of such a size"),
        ([0x10, 0, 0, 0, 2, 0, 0, 0, 4, 0, 12, 0], "found 12 bits at 4 of 2 bytes"),
        ([0x11, 0, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 0, 0, 0, 0], "such floats"),
        ([0x13, 0, 0, 0, 0, 0, 0, 0], "a damaged type"),
        ([0x13, 0, 0, 0, 0, 0, 0, 64], "a damaged type"),
        ([0x93, 0, 0, 0, 4, 0, 0, 0], "a damaged type"),
        ([0x36, 1, 0, 0, 2, 0, 0, 0, 0x78, 0, 1, 0x10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 16, 0],
         "a damaged record"),
        ([0x39, 0, 0, 0, 16, 0, 0, 0] * 12, "not read|damaged"),
        ([0x3A, 0, 0, 0, 4, 0, 0, 0, 1, 255, 255, 255, 127, 0x13, 0, 0, 0, 4, 0, 0, 0], "absurd"),
        ([0x3A, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0, 255, 255, 255, 255, 0x13, 0, 0, 0, 4, 0, 0, 0],
         "absurd"),
    ],
)  # fmt: skip
def test_types_that_are_damaged_or_strange_are_refused(data: list[int], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        described(*data)
