"""HDF5 files made in memory with h5py, which knows nothing of our reader."""

import io
from collections.abc import Callable
from typing import Any

import h5py
import pytest

from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Fill = Callable[[h5py.File], object]


def hdf5_bytes(fill: Fill, **options: Any) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", **options) as file:
        fill(file)
    return stream.getvalue()


@pytest.fixture(scope="session")
def saved() -> Callable[..., bytes]:
    """Return a function (fill, **options) -> the bytes of a file."""
    return hdf5_bytes


@pytest.fixture(scope="session")
def opened() -> Callable[..., Group]:
    """Return a function (fill, **options) -> the root as our reader opens it."""

    def make(fill: Fill, **options: Any) -> Group:
        return open_hdf5(ByteSource("some.h5", memoryview(hdf5_bytes(fill, **options))))

    return make
