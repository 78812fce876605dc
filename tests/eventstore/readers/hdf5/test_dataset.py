"""Rows, sequences and vectors of datasets equal those of h5py; what is not there is refused."""

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.protocol import ByteSource

Opened = Callable[..., Group]
Saved = Callable[..., bytes]

LIBVERS = ("earliest", "v108", "v110", "v114", "latest")
DTYPES = ("<i8", ">u2", "u1", "<f4", "<f2", "S5", [("t", "<i8"), ("x", "<u2")])


@st.composite
def stored(draw: st.DrawFn) -> tuple[np.ndarray, dict[str, Any], dict[str, Any]]:
    """Numbers, how to store them, and how to make the file."""
    shape = tuple(draw(st.lists(st.integers(1, 40), min_size=1, max_size=3)))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    raw = np.random.default_rng(draw(st.integers(0, 99))).integers(
        0, draw(st.sampled_from([3, 120])), int(np.prod(shape)) * dtype.itemsize, np.uint8
    )
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        options["chunks"] = tuple(draw(st.integers(1, n)) for n in shape)
        options["maxshape"] = tuple(draw(st.sampled_from([n, n + 7, None])) for n in shape)
        options["compression"] = draw(st.sampled_from([None, "gzip", "lzf"]))
        options["shuffle"] = draw(st.booleans())
        options["fletcher32"] = draw(st.booleans())
    file = {
        "libver": draw(st.sampled_from(LIBVERS)),
        "userblock_size": draw(st.sampled_from([0, 512])),
    }
    return raw.view(dtype).reshape(shape), options, file


@settings(max_examples=150)
@given(stored(), st.data())
def test_rows_are_those_h5py_wrote(
    opened: Opened, made: tuple[np.ndarray, dict[str, Any], dict[str, Any]], data: st.DataObject
) -> None:
    values, options, file_options = made
    root = opened(lambda file: file.create_dataset("a", data=values, **options), **file_options)
    dataset = root.need("a")
    assert (dataset.shape, dataset.dtype) == (values.shape, values.dtype)
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    assert dataset.rows(start, stop).tobytes() == values[start:stop].tobytes()
    assert dataset[:].tobytes() == values.tobytes()
    assert dataset.whole_rows()[0] == len(values)


@pytest.mark.parametrize("libver", LIBVERS)
@pytest.mark.parametrize("dtype", [np.float16, np.uint16, np.float64])
@pytest.mark.parametrize("packed", [None, "gzip"])
def test_sequences_of_any_length(
    opened: Opened, dtype: Any, libver: str, packed: str | None
) -> None:
    rng = np.random.default_rng(0)
    expected = [rng.integers(0, 700, n).astype(dtype) for n in (0, 1, 5, 5000, 300, 0, 7)]

    def fill(file: h5py.File) -> None:
        spikes = file.create_dataset(
            "a", (7,), h5py.vlen_dtype(dtype), chunks=(3,), compression=packed
        )
        for i, values in enumerate(expected):
            spikes[i] = values

    dataset = opened(fill, libver=libver).need("a")
    for i, values in enumerate(expected):
        found = dataset.sequence(i)
        assert found.dtype == values.dtype
        assert np.array_equal(found, values)
    with pytest.raises(FormatError, match="a is not all there"):
        dataset.sequence(7)


def test_one_element_and_no_element(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["one"] = np.int64(5)
        file["none"] = np.zeros((0, 4))
        file.create_dataset("grown", (0,), "i4", chunks=(5,), maxshape=(None,))

    root = opened(fill)
    assert root.need("one")[:].tolist() == [5]
    assert root.need("none")[:].shape == (0, 4)
    assert root.need("grown").rows(0, 0).tolist() == []


def test_elements_that_are_arrays(opened: Opened) -> None:
    values = np.arange(24, dtype="<i4").reshape(4, 2, 3)

    def fill(file: h5py.File) -> None:
        for name, chunks in (("whole", None), ("chunked", (3,))):
            dataset = file.create_dataset(name, (4,), np.dtype(("<i4", (2, 3))), chunks=chunks)
            dataset[:] = values

    root = opened(fill)
    for name in root:
        assert np.array_equal(root.need(name)[:], values)
        assert np.array_equal(root.need(name)[2:4], values[2:4])


def test_compact_data(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3,))
        h5py.h5d.create(file.id, b"a", h5py.h5t.STD_I16LE, space, creation)
        file["a"][:] = [5, 6, 7]

    for libver in ("earliest", "latest"):
        assert opened(fill, libver=libver).need("a")[1:].tolist() == [6, 7]


def test_vectors_of_matlab_lose_an_axis(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["row"] = [[1, 2, 3]]
        file["one"] = [[5]]
        file["table"] = [[1, 2], [3, 4]]
        file.create_dataset("chunks", data=[[1, 2, 3]], chunks=(1, 2))
        file.create_dataset("tall", data=[[1, 2]], chunks=(3, 2), maxshape=(9, 9))

    root = opened(fill)
    for name, expected in {"row": [1, 2, 3], "one": [5], "chunks": [1, 2, 3]}.items():
        vector = root.need(name).squeezed()
        assert vector is not None
        assert vector[:].tolist() == expected
    assert root.need("table").squeezed() is None
    assert root.need("tall").squeezed() is None


def whole_of(data: bytes) -> int:
    try:
        dataset = open_hdf5(ByteSource("some.h5", memoryview(data))).need("a")
        rows, end = dataset.whole_rows()
    except FormatError:
        return -1
    assert np.array_equal(dataset.rows(0, rows), np.arange(rows))
    with pytest.raises(FormatError, match="a is not all there; expected rows 0 … 1000") as e:
        dataset.rows(0, 1000)
    assert e.value.offset == end
    return rows


@pytest.mark.parametrize("chunks", [None, (64,)])
def test_a_cut_file_gives_the_rows_before_the_cut(saved: Saved, chunks: Any) -> None:
    data = saved(lambda file: file.create_dataset("a", data=np.arange(1000), chunks=chunks))
    found = [whole_of(data[:size]) for size in range(0, len(data) - 1, 97)]
    there = [rows for rows in found if rows >= 0]
    assert there == sorted(there)
    assert there[-1] > 500
    assert found == [-1] * (len(found) - len(there)) + there


def test_a_shape_without_bytes_for_it_is_no_memory(saved: Saved) -> None:
    data = bytearray(saved(lambda file: file.create_dataset("a", data=np.arange(1000))))
    size = (1000).to_bytes(8, "little")
    data = data.replace(size, (1 << 40).to_bytes(8, "little"))
    dataset = open_hdf5(ByteSource("some.h5", memoryview(bytes(data)))).need("a")
    assert dataset.n_rows == 1 << 40
    assert dataset.whole_rows()[0] == 1000
    data = data.replace((1 << 40).to_bytes(8, "little"), (1 << 60).to_bytes(8, "little"))
    with pytest.raises(FormatError, match="an absurd shape"):
        open_hdf5(ByteSource("some.h5", memoryview(bytes(data)))).need("a")


@pytest.mark.parametrize("external", [False, True])
def test_data_that_lies_elsewhere_is_refused(opened: Opened, *, external: bool) -> None:
    def fill(file: h5py.File) -> None:
        if external:
            file.create_dataset("a", (5,), "i4", external="numbers.bin")
            return
        layout = h5py.VirtualLayout((5,), "i4")
        layout[:] = h5py.VirtualSource("other.h5", "a", (5,))
        file.create_virtual_dataset("a", layout)

    root = opened(fill)
    with pytest.raises(FormatError, match=r"not read|not all there"):
        root.need("a").rows(0, 5)


def test_a_dataset_is_read_as_h5py_does(opened: Opened) -> None:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("a", data=np.arange(9), chunks=(4,))
    dataset = open_hdf5(ByteSource("some.h5", memoryview(stream.getvalue()))).need("a")
    assert isinstance(dataset, Dataset)
    with h5py.File(stream) as file:
        assert np.array_equal(file["a"][2:7], dataset[2:7])
