"""Variables are the same whichever version of MATLAB saved them."""

import io
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from eventstore.errors import FormatError
from eventstore.readers.mat_variables import Variable, read_variables
from eventstore.readers.protocol import ByteSource

X = np.arange(5.0)
TABLE = np.arange(12).reshape(3, 4)


def version_7() -> bytes:
    stream = io.BytesIO()
    savemat(stream, {"x": X, "TD": {"y": X}, "table": TABLE}, oned_as="column")
    return stream.getvalue()


def version_73(**more: Any) -> bytes:
    """As MATLAB writes it: a user block with its text, dimensions the other way round."""
    stream = io.BytesIO()
    with h5py.File(stream, "w", userblock_size=512, libver="earliest") as file:
        file["x"] = X[None, :]
        file["TD/y"] = X[None, :]
        file["table"] = TABLE.T
        for name, values in more.items():
            file[name] = values
    data = bytearray(stream.getvalue())
    data[:24] = b"MATLAB 7.3 MAT-file, ..."
    return bytes(data)


def read(data: bytes) -> dict[str, Variable]:
    variables, wrong = read_variables(ByteSource("some.mat", memoryview(data)))
    assert wrong == ""
    return variables


@pytest.mark.parametrize("make", [version_7, version_73])
def test_vectors_and_matrices(make: Any) -> None:
    found = read(make())
    assert found["x"].shape == (5, 1)
    assert found["x"].is_vector
    assert found["x"].column()[1:4].tolist() == [1, 2, 3]
    assert found["TD.y"].column()[0:5].tolist() == X.tolist()
    assert not found["table"].is_vector
    assert found["table"].shape == (3, 4)
    assert np.array_equal(found["table"].columns()[1:3], TABLE.T[1:3])


def test_what_is_no_matrix_of_numbers_is_left_out() -> None:
    more = {
        "text": "abc",
        "records": np.zeros(3, [("a", "i4")]),
        "bytes": np.array([b"ab"]),
    }
    assert set(read(version_73(**more))) == {"x", "TD.y", "table"}


def test_other_files_are_refused() -> None:
    with pytest.raises(FormatError, match="no MATLAB file"):
        read_variables(ByteSource("some.mat", memoryview(b"text")))
