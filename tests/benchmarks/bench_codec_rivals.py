"""Ways to store the columns of a recording: encoded once, decoded often, on one thread."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from eventstore.codecs import Tier, codecs_of, decode_chunk, encode_chunk
from eventstore.events import Events, Sensor

CHUNK = 8192
COLUMNS = ("t", "x", "y", "p")
PCODEC_LEVEL, BLOSC_LEVEL, GZIP_LEVEL = 8, 5, 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """A recording in some format.

    Args:
        size: bytes of its events.
        decode: returns them, into memory that is there already where the format allows it.
    """

    size: int
    decode: Callable[[], Events]


Rival: TypeAlias = Callable[[Events, Path], Encoded]
"""Encodes a recording whose times start at 0; files may go into the folder."""


def _in_chunks(
    events: Events,
    encode: Callable[[str, np.ndarray], bytes],
    decode_into: Callable[[str, bytes, np.ndarray], None],
) -> Encoded:
    """Encode chunks of 8,192 events of each column; the last one is short, as if more came."""
    parts = [
        (name, start, encode(name, events.column(name)[start : start + CHUNK]))
        for name in COLUMNS
        for start in range(0, len(events), CHUNK)
    ]
    out = Events.empty(len(events))
    columns = {name: out.column(name) for name in COLUMNS}

    def decode() -> Events:
        for name, start, data in parts:
            decode_into(name, data, columns[name][start : start + CHUNK])
        return out

    return Encoded(sum(len(data) for *_, data in parts), decode)


def ours(tier: Tier) -> Rival:
    """Return a tier of our stores; checksums are counted and checked."""
    codecs = codecs_of(tier)

    def encode(name: str, values: np.ndarray) -> bytes:
        return encode_chunk(codecs[name], values)

    def decode_into(name: str, data: bytes, out: np.ndarray) -> None:
        decode_chunk(codecs[name], data, out)

    return lambda events, _folder: _in_chunks(events, encode, decode_into)


def _plain_pcodec(events: Events, _folder: Path) -> Encoded:
    from pcodec import ChunkConfig, standalone

    config = ChunkConfig(compression_level=PCODEC_LEVEL)

    def encode(name: str, values: np.ndarray) -> bytes:
        packed = np.packbits(values).tobytes() if name == "p" else None
        return packed or bytes(standalone.simple_compress(values, config))

    def decode_into(name: str, data: bytes, out: np.ndarray) -> None:
        if name == "p":
            out[:] = np.unpackbits(np.frombuffer(data, np.uint8), count=len(out))
        else:
            standalone.simple_decompress_into(data, out)

    return _in_chunks(events, encode, decode_into)


def _blosc(events: Events, _folder: Path, *, inner: str) -> Encoded:
    """Times as differences, bitshuffle; polarities as packed bits."""
    from numcodecs import blosc

    blosc.set_nthreads(1)
    codec = blosc.Blosc(inner, clevel=BLOSC_LEVEL, shuffle=blosc.BITSHUFFLE)

    def encode(name: str, values: np.ndarray) -> bytes:
        if name == "p":
            return np.packbits(values).tobytes()
        return bytes(codec.encode(np.diff(values, prepend=0) if name == "t" else values))

    def decode_into(name: str, data: bytes, out: np.ndarray) -> None:
        if name == "p":
            out[:] = np.unpackbits(np.frombuffer(data, np.uint8), count=len(out))
            return
        codec.decode(data, out)
        if name == "t":
            np.cumsum(out, out=out)

    return _in_chunks(events, encode, decode_into)


def _hdf5(events: Events, folder: Path, *, filters: Mapping[str, Any]) -> Encoded:
    """Keep a dataset a column in chunks of 8,192, in memory; count its chunks alone."""
    import h5py

    path = folder / f"{filters['compression']}-{len(events)}.h5"
    file = h5py.File(path, "w", driver="core", backing_store=False)
    datasets = {
        name: file.create_dataset(name, data=events.column(name), chunks=(CHUNK,), **filters)
        for name in COLUMNS
    }
    out = Events.empty(len(events))

    def decode() -> Events:
        for name, dataset in datasets.items():
            dataset.read_direct(out.column(name))
        return out

    return Encoded(sum(d.id.get_storage_size() for d in datasets.values()), decode)


def _npz(events: Events, _folder: Path) -> Encoded:
    file = io.BytesIO()
    t, x, y, p = events
    np.savez_compressed(file, t=t, x=x, y=y, p=p)
    data = file.getvalue()

    def decode() -> Events:
        with np.load(io.BytesIO(data)) as arrays:
            return Events(*(arrays[name] for name in COLUMNS))

    return Encoded(len(data), decode)


def _evt3(events: Events, folder: Path) -> Encoded:
    from eventstore.readers.open import read_events
    from eventstore.writers import WRITERS

    path = folder / f"{len(events)}.evt3.raw"
    sensor = Sensor(int(events.x.max()) + 1, int(events.y.max()) + 1)
    WRITERS["evt3"].write(path, [events], sensor=sensor)
    return Encoded(path.stat().st_size, lambda: read_events(path))


RIVALS: Mapping[str, Rival] = {
    "pcodec level 8": _plain_pcodec,
    "Blosc zstd, bitshuffle, Δt": partial(_blosc, inner="zstd"),
    "Blosc lz4, bitshuffle, Δt": partial(_blosc, inner="lz4"),
    "HDF5 gzip, shuffle": partial(
        _hdf5, filters={"compression": "gzip", "compression_opts": GZIP_LEVEL, "shuffle": True}
    ),
    "HDF5 lzf": partial(_hdf5, filters={"compression": "lzf"}),
    "npz, compressed": _npz,
    "EVT3 file, our writer and reader": _evt3,
}
"""The others, by name."""
