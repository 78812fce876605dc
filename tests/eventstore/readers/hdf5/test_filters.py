"""Chunks unpack to what h5py and the plug-ins of HDF5 packed, and to no more."""

import zlib
from collections.abc import Callable
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numcodecs import Blosc, Zstd

from eventstore.errors import FormatError
from eventstore.readers.hdf5.file import Group
from eventstore.readers.hdf5.filters import (
    BLOSC,
    DEFLATE,
    FLETCHER32,
    LZ4_BLOCKS,
    LZF,
    SHUFFLE,
    ZSTD,
    Filter,
    unpack_chunk,
    zstd_size,
)

Opened = Callable[..., Group]
T = np.cumsum(np.random.default_rng(0).integers(0, 90, 5000)).astype("<u4")

PACKINGS: dict[str, Any] = {
    "gzip": {"compression": "gzip"},
    "shuffled gzip": {"compression": "gzip", "shuffle": True},
    "lzf": {"compression": "lzf"},
    "summed lzf": {"compression": "lzf", "fletcher32": True, "shuffle": True},
    "summed": {"fletcher32": True},
    "zstd": hdf5plugin.Zstd(),
    "lz4": hdf5plugin.LZ4(),
    "lz4 in small blocks": hdf5plugin.LZ4(nbytes=1000),
    **{
        f"blosc {name} {shuffle}": hdf5plugin.Blosc(cname=name, shuffle=shuffle)
        for name in ("zstd", "lz4", "blosclz", "zlib")
        for shuffle in (0, 1, 2)
    },
}


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_what_was_packed_comes_back(opened: Opened, name: str, libver: str) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("t", data=T, chunks=(1024,), **PACKINGS[name])

    assert np.array_equal(opened(fill, libver=libver).need("t")[:], T)


def test_a_filter_left_out_of_one_chunk(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        dataset = file.create_dataset("t", (20,), "<u4", chunks=(10,), compression="gzip")
        dataset[:10] = T[:10]
        dataset.id.write_direct_chunk((10,), T[10:20].tobytes(), filter_mask=1)

    assert np.array_equal(opened(fill).need("t")[:], T[:20])


@pytest.mark.parametrize(
    ("packing", "name"), [(hdf5plugin.Bitshuffle(), "bitshuffle"), (hdf5plugin.Blosc2(), "blosc2")]
)
def test_a_filter_that_is_not_read_is_named(opened: Opened, packing: Any, name: str) -> None:
    root = opened(lambda file: file.create_dataset("t", data=T, chunks=(1024,), **packing))
    with pytest.raises(FormatError, match=rf"filter \d+ \({name}\), which is not read") as e:
        root.need("t").rows(0, 10)
    assert "h5repack" in e.value.hint


def unpack(data: bytes, number: int, n_bytes: int, *parameters: int) -> bytes:
    step = Filter(number, parameters)
    return bytes(unpack_chunk(memoryview(data), (step,), n_bytes, where=("some.h5", 40)))


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (DEFLATE, zlib.compress(b"events")[:-1]),
        (DEFLATE, zlib.compress(b"events!")),
        (DEFLATE, zlib.compress(b"event")),
        (DEFLATE, b"events"),
        (FLETCHER32, b"events\0\0\0\0"),
        (FLETCHER32, b"sum"),
        (LZF, b"\x05event"),
        (BLOSC, bytes(20)),
        (BLOSC, Blosc().encode(b"events!")),
        (BLOSC, Blosc().encode(b"events")[:-1]),
        (ZSTD, b"events"),
        (ZSTD, Zstd().encode(b"events!")),
        (ZSTD, Zstd().encode(b"events")[:-1]),
        (LZ4_BLOCKS, (6).to_bytes(8, "big") + bytes(4)),
        (LZ4_BLOCKS, (1 << 40).to_bytes(8, "big") + (1 << 20).to_bytes(4, "big")),
        (LZ4_BLOCKS, (6).to_bytes(8, "big") + (6).to_bytes(4, "big") + bytes(9)),
    ],
)
def test_damage_is_an_error_at_the_chunk(number: int, data: bytes) -> None:
    with pytest.raises(FormatError, match=r"some\.h5 at byte 40: a chunk") as e:
        unpack(data, number, 6)
    assert e.value.hint


def test_a_bomb_unpacks_no_further_than_its_chunk() -> None:
    for number, bomb in (
        (DEFLATE, zlib.compress(bytes(1 << 24))),
        (ZSTD, Zstd().encode(bytes(1 << 24))),
        (BLOSC, Blosc(cname="zstd").encode(bytes(1 << 24))),
    ):
        with pytest.raises(FormatError):
            unpack(bomb, number, 1000)


def test_shuffled_bytes_that_are_no_whole_items() -> None:
    assert unpack(bytes([0, 2, 4, 1, 3, 5, 9]), SHUFFLE, 7, 2) == bytes([0, 1, 2, 3, 4, 5, 9])
    assert unpack(b"ab", SHUFFLE, 2, 8) == b"ab"
    assert unpack(b"ab", SHUFFLE, 2) == b"ab"


def test_sizes_of_zstandard_frames() -> None:
    for size in (0, 1, 255, 256, 65_791, 65_792, 1 << 20):
        assert zstd_size(memoryview(Zstd().encode(bytes(size)))) == size
    assert zstd_size(memoryview(b"\x28\xb5\x2f\xfd\x00\x00")) == -1
    assert zstd_size(memoryview(b"")) == -1


@given(st.sampled_from(sorted(PACKINGS)), st.data())
def test_flipped_bytes_never_crash_and_never_grow(
    opened: Opened, name: str, data: st.DataObject
) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("t", data=T[:200], chunks=(200,), **PACKINGS[name])

    stored, filters, _ = opened(fill).need("t").stored_chunk(0)
    raw = bytearray(stored)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(
            st.integers(0, min(len(raw) - 1, 60) if data.draw(st.booleans()) else len(raw) - 1)
        )
        raw[at] = data.draw(st.sampled_from([0, 1, 127, 128, 255]))
    try:
        found = unpack_chunk(memoryview(bytes(raw)), filters, 800, where=("some.h5", 0))
    except FormatError:
        return
    assert len(found) == 800
