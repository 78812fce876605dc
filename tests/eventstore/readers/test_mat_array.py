"""MATLAB files of version 5 to 7 hold what scipy wrote and reads; damaged ones are refused."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from eventstore.corpus.mutate import mutate
from eventstore.errors import FormatError
from eventstore.readers.mat_array import MatArray, read_arrays
from eventstore.readers.protocol import ByteSource


def saved(variables: dict[str, Any], *, packed: bool = False) -> bytes:
    stream = io.BytesIO()
    savemat(stream, variables, do_compression=packed)
    return stream.getvalue()


def arrays_of(data: bytes) -> dict[str, MatArray]:
    found, wrong = read_arrays(ByteSource("some.mat", memoryview(data)))
    assert wrong == ""
    return found


def values(array: MatArray) -> np.ndarray:
    size = int(np.prod(array.shape))
    return array.rows((size,))[:].reshape(array.shape, order="F")


NUMBERS = [f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)] + ["f4", "f8"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("shape", [(5, 1), (1, 1), (3, 4), (2, 3, 4), (0, 0), (1, 0)])
def test_numbers_of_every_type(dtype: str, shape: tuple[int, ...], *, packed: bool) -> None:
    expected = np.random.default_rng(0).integers(0, 99, shape).astype(dtype)
    found = arrays_of(saved({"some_name": expected, "b": np.ones(3)}, packed=packed))
    assert sorted(found) == ["b", "some_name"]
    assert found["some_name"].shape == shape
    assert np.array_equal(values(found["some_name"]), expected)


@pytest.mark.parametrize("packed", [False, True])
def test_structures_and_what_is_left_out(*, packed: bool) -> None:
    variables = {
        "TD": {"x": np.arange(4), "deeper": {"ts": np.arange(3.0)}, "text": "abc", "none": []},
        "cell": np.array([1, "a"], object),
        "text": "some text",
        "flag": np.array([True, False]),
        "complex": np.array([1 + 2j, 3]),
        "many": np.zeros(2, [("a", "f8")]),
    }
    found = arrays_of(saved(variables, packed=packed))
    assert set(found) == {"TD.x", "TD.deeper.ts", "TD.none", "flag", "complex"}
    assert values(found["TD.x"]).ravel().tolist() == [0, 1, 2, 3]
    assert values(found["TD.deeper.ts"]).ravel().tolist() == [0, 1, 2]
    assert values(found["flag"]).ravel().tolist() == [1, 0]
    assert values(found["complex"]).ravel().tolist() == [1, 3]


def big_endian() -> bytes:
    def element(kind: int, data: bytes) -> bytes:
        return kind.to_bytes(4, "big") + len(data).to_bytes(4, "big") + data + bytes(-len(data) % 8)

    body = element(6, (6).to_bytes(4, "big") + bytes(4))
    body += element(5, (1).to_bytes(4, "big") + (2).to_bytes(4, "big"))
    body += bytes([0, 1, 0, 1]) + b"t\0\0\0"  # a small element
    body += element(3, np.array([5, 700], ">i2").tobytes())
    return b"MATLAB 5.0".ljust(124) + b"\x01\x00MI" + element(14, body)


def test_big_endian_and_small_elements() -> None:
    assert values(arrays_of(big_endian())["t"]).tolist() == [[5, 700]]
    assert loadmat(io.BytesIO(big_endian()))["t"].tolist() == [[5, 700]]


@pytest.mark.parametrize("data", [b"", b"MATLAB 5.0 MAT-file", b"x" * 200, saved({"a": 1})[:127]])
def test_what_is_no_matlab_file_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="no MATLAB file of version 5, 6 or 7") as e:
        read_arrays(ByteSource("some.mat", memoryview(data)))
    assert "-v7" in e.value.hint


@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_file_gives_the_variables_before_the_cut(*, packed: bool) -> None:
    data = saved({"a": np.arange(50), "b": np.arange(60)}, packed=packed)
    seen = set()
    for size in range(128, len(data), 7):
        found, wrong = read_arrays(ByteSource("some.mat", memoryview(data[:size])))
        assert (wrong != "") or size == 128 or "b" not in found
        for name, array in found.items():
            assert np.array_equal(values(array).ravel(), np.arange(50 if name == "a" else 60))
        seen.add(tuple(found))
    assert {(), ("a",)} <= seen


def test_a_size_without_bytes_for_it_is_no_memory() -> None:
    data = bytearray(saved({"a": np.arange(50.0)}))
    at = data.index((400).to_bytes(4, "little"))
    data[at : at + 4] = (1 << 31).to_bytes(4, "little")
    found, wrong = read_arrays(ByteSource("some.mat", memoryview(bytes(data))))
    assert (found, "expected 50 numbers" in wrong) == ({}, True)


@given(st.integers(0, 1 << 30), st.booleans())
def test_mutated_files_are_read_or_refused(seed: int, packed: bool) -> None:
    whole = saved({"ts": np.arange(50.0), "TD": {"x": np.arange(9)}}, packed=packed)
    data = mutate(whole, np.random.default_rng(seed))
    try:
        found, _ = read_arrays(ByteSource("some.mat", memoryview(data)))
        for array in found.values():
            if np.prod(array.shape) <= 1000:
                values(array)
    except FormatError as error:
        assert error.hint  # noqa: PT017 # both ways out are right
