"""Fixed and extensible arrays of chunks, as h5py writes them in newer versions."""

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.hdf5.chunk_arrays import iter_extensible, iter_fixed
from eventstore.readers.hdf5.file import Group

Opened = Callable[..., Group]


@pytest.mark.parametrize("maxshape", [(5000,), (None,)], ids=["fixed", "extensible"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("n_chunks", [1, 5, 30, 1100, 2500])
def test_every_chunk_is_found(
    opened: Opened, maxshape: tuple[int | None], n_chunks: int, *, packed: bool
) -> None:
    values = np.arange(2 * n_chunks - 1, dtype="<u2")
    options = {"compression": "gzip"} if packed else {}

    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=values, chunks=(2,), maxshape=maxshape, **options)

    dataset = opened(fill, libver="v110").need("a")
    assert dataset.chunks is not None
    assert dataset.chunks.n_whole == n_chunks
    assert np.array_equal(dataset[:], values)


@pytest.mark.parametrize("maxshape", [(40_000,), (None,)], ids=["fixed", "extensible"])
def test_pages_that_were_never_written_are_passed_over(
    opened: Opened, maxshape: tuple[int | None]
) -> None:
    def fill(file: h5py.File) -> None:
        sparse = file.create_dataset("a", (20_000,), "<u2", chunks=(2,), maxshape=maxshape)
        sparse[:100] = 7
        sparse[16_000:16_004] = 8

    dataset = opened(fill, libver="v110").need("a")
    assert dataset.chunks is not None
    assert dataset.chunks.numbers.tolist() == [*range(50), 8000, 8001]
    assert dataset.whole_rows()[0] == 100


def test_one_axis_without_limit_is_numbered_first(opened: Opened) -> None:
    values = np.arange(12 * 35, dtype="<i4").reshape(12, 35)

    def fill(file: h5py.File) -> None:
        for name, maxshape in {"rows": (None, 99), "columns": (99, None), "both": (99, 99)}.items():
            file.create_dataset(name, data=values, chunks=(5, 4), maxshape=maxshape)

    root = opened(fill, libver="v110")
    for name in root:
        assert np.array_equal(root.need(name)[:], values), name


def test_what_is_no_array_of_chunks_is_refused(opened: Opened) -> None:
    space = opened(lambda _: None).space
    for walk in (iter_fixed, iter_extensible):
        with pytest.raises(FormatError, match="is not where it should be"):
            list(walk(space, 0))


@pytest.mark.parametrize("maxshape", [(5000,), (None,)])
def test_a_flipped_bit_is_seen(saved: Callable[..., bytes], maxshape: Any) -> None:
    from eventstore.readers.hdf5.file import open_hdf5
    from eventstore.readers.protocol import ByteSource

    def fill(file: h5py.File) -> None:
        file.create_dataset("a", data=np.arange(99), chunks=(2,), maxshape=maxshape)

    data = saved(fill, libver="v110")
    for signature in (b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EADB"):
        at = data.find(signature)
        if at >= 0:
            bad = bytearray(data)
            bad[at + 24] ^= 1
            root = open_hdf5(ByteSource("some.h5", memoryview(bytes(bad))))
            with pytest.raises(FormatError):
                root.need("a")
