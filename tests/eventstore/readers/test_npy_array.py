"""Headers of .npy files that tell the truth, that lie, and that hold code."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.readers.npy_array import read_header, view_array, view_rows


def saved(array: np.ndarray, *, pickled: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=pickled)
    return stream.getvalue()


def with_header(header: str, data: bytes = bytes(16), version: int = 1) -> memoryview:
    text = header.ljust(117).encode() + b"\n"
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return memoryview(b"\x93NUMPY" + bytes([version, 0]) + size + text + data)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4"),
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(5),
        np.zeros((0, 4)),
        np.zeros(3, [("t", "<i4"), ("x", "i1")]),
    ],
    ids=str,
)
def test_an_array_comes_back_without_a_copy(array: np.ndarray) -> None:
    data = memoryview(saved(array))
    found = view_array("a.npy", data)
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)
    rows, rest = view_rows("a.npy", data)
    assert np.array_equal(rows, array)
    assert rest == 0


def test_headers_of_version_2() -> None:
    header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }"
    assert view_array("a.npy", with_header(header, version=2)).tolist() == [0, 0]


def test_rows_before_a_cut() -> None:
    data = saved(np.arange(20, dtype="<i4").reshape(5, 4))
    for cut in range(1, 81):
        rows, rest = view_rows("a.npy", memoryview(data[:-cut]))
        assert (len(rows), rest) == ((80 - cut) // 16, (80 - cut) % 16)
        assert np.array_equal(rows, np.arange(20).reshape(5, 4)[: len(rows)])
        with pytest.raises(FormatError, match="array of the wrong size"):
            view_array("a.npy", memoryview(data[:-cut]))
    turned = saved(np.asfortranarray(np.arange(20).reshape(5, 4)))
    with pytest.raises(FormatError, match="array of the wrong size"):
        view_rows("a.npy", memoryview(turned[:-1]))


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (-2,), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (-1, -2), }",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2.5,), }",
        "{'descr': '<V0', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': 'x', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<i8', 'fortran_order': 3, 'shape': (2,), }",
        "{'descr': '<i8', 'shape': (2,), }",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,), }",
        "(" * 100,
        "\\q",
        "",
    ],
)
def test_headers_that_lie_or_are_none(header: str) -> None:
    with pytest.raises(FormatError, match=r"a\.npy.*: (array of the wrong size|not a numpy array)"):
        view_array("a.npy", with_header(header))


def test_objects_are_never_unpickled() -> None:
    data = memoryview(saved(np.array([print], object), pickled=True))
    with pytest.raises(FormatError, match="array of Python objects is not unpickled"):
        read_header("a.npy", data)


@given(st.binary(max_size=100), st.booleans())
def test_no_bytes_crash_it(data: bytes, magic: bool) -> None:
    raw = memoryview(b"\x93NUMPY\x01\x00" + data if magic else data)
    with pytest.raises(FormatError):
        view_rows("a.npy", raw)
