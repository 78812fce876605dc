"""Write HDF5 as DSEC has it (``.h5``); `eventstore.readers.hdf5.dsec` draws the layout.

    events/x u2  events/y u2  events/p u1  events/t u4, µs from t_offset
    t_offset i8, the time of the first event      ms_to_idx u8, the first event of each ms

The group states the geometry in attributes ``width`` and ``height``, which other tools pass over.
Columns are packed with Blosc (Zstandard), as the published files are, where hdf5plugin is
installed, otherwise with what every HDF5 library unpacks.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from eventstore.errors import InvalidInput, MissingExtra
from eventstore.events import Events, Sensor
from eventstore.plugin_options import option
from eventstore.readers.protocol import SideStreams
from eventstore.writers.prophesee import check_camera
from eventstore.writers.protocol import partial_path

CHUNK_EVENTS = 1 << 16

SPAN_LIMIT_US = (1 << 32) - 1
"""Longest recording, as ``t`` has 32 bits: 71 minutes."""

_DTYPES = {"x": "<u2", "y": "<u2", "p": "<u1", "t": "<u4"}
_INDEX_ROWS = 1 << 13


@dataclass(frozen=True, slots=True, kw_only=True)
class DsecWriter:
    """Writer of DSEC's HDF5.

    Args:
        compression: of the columns; ``"auto"`` takes Blosc where hdf5plugin is installed, otherwise
            gzip.
    """

    compression: Literal["auto", "blosc", "gzip", "lzf", "none"] = option(
        "auto", "packing of the columns: blosc needs hdf5plugin"
    )
    name: str = "dsec"
    suffixes: tuple[str, ...] = (".h5", ".hdf5")
    side_kinds: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,  # the format has no place for it
        side: SideStreams | None = None,  # nor for anything but events
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Raises:
            InvalidInput: the recording is audio, an event's time runs back, which the index of
                milliseconds cannot hold, or is more than 71 minutes behind the first.
            MissingExtra: Blosc is asked for and hdf5plugin is not installed.
        """
        check_camera(sensor, "DSEC")
        packing = packing_of(self.compression)
        with partial_path(path) as partial:
            try:
                with h5py.File(partial, "w") as file:
                    _fill(file, _blocks(packets), sensor, packing)
            except RuntimeError as error:  # how h5py says that a disk is full while it closes
                raise OSError(str(error)) from error


WRITER = DsecWriter()


def packing_of(compression: str) -> dict[str, Any]:
    """Return what h5py is to be told for a kind of packing.

    Raises:
        MissingExtra: Blosc is asked for and hdf5plugin is not installed.

    Examples:
        >>> packing_of("lzf")["compression"]
        'lzf'
    """
    if compression in {"auto", "blosc"}:
        try:
            import hdf5plugin

            return dict(hdf5plugin.Blosc(cname="zstd", clevel=5, shuffle=hdf5plugin.Blosc.SHUFFLE))
        except ImportError as error:
            if compression == "blosc":
                message = "Blosc in HDF5 needs hdf5plugin, which is not installed"
                hint = "pip install 'spikelake[formats]', or write with dsec:compression=gzip"
                raise MissingExtra(message, hint=hint) from error
    if compression == "none":
        return {}
    kind = "gzip" if compression == "auto" else compression
    return {"compression": kind, "shuffle": True}


def _blocks(packets: Iterable[Events]) -> Iterator[Events]:
    """Join packets to blocks of whole chunks; what is left at the end is one of its own."""
    kept: list[Events] = []
    held = 0
    for packet in packets:
        kept.append(packet)
        held += len(packet)
        if held >= CHUNK_EVENTS:
            joined = Events.concatenate(kept)
            whole = held // CHUNK_EVENTS * CHUNK_EVENTS
            yield joined[:whole]
            kept, held = [joined[whole:]], held - whole
    if held:
        yield Events.concatenate(kept)


def _fill(
    file: h5py.File, blocks: Iterator[Events], sensor: Sensor, packing: dict[str, Any]
) -> None:
    group = file.create_group("events")
    group.attrs["width"], group.attrs["height"] = sensor.width, sensor.height
    columns = {
        letter: _growing(group, letter, dtype, CHUNK_EVENTS, packing)
        for letter, dtype in _DTYPES.items()
    }
    index = _growing(file, "ms_to_idx", "<u8", _INDEX_ROWS, packing)
    rows, last, offset = 0, 0, 0
    for block in blocks:
        offset = int(block.t[0]) if rows == 0 else offset
        t = block.t - offset
        _check_times(t, rows, last, offset)
        for letter, values in zip("txyp", (t, *block.arrays()[1:]), strict=True):
            _append(columns[letter], values)
        started = np.arange(len(index), int(t[-1]) // 1000 + 1)
        _append(index, rows + np.searchsorted(t, started * 1000))
        rows, last = rows + len(t), int(t[-1])
    file.create_dataset("t_offset", data=np.int64(offset))


def _growing(
    group: h5py.Group, name: str, dtype: str, chunk: int, packing: dict[str, Any]
) -> h5py.Dataset:
    return group.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(chunk,), **packing)


def _append(dataset: h5py.Dataset, values: np.ndarray) -> None:
    start = len(dataset)
    dataset.resize(start + len(values), axis=0)
    dataset[start:] = values.astype(dataset.dtype)


def _check_times(t: np.ndarray, rows: int, last: int, offset: int) -> None:
    before = np.concatenate([[last], t[:-1]])
    bad = (t < before) | (t > SPAN_LIMIT_US)
    if bad.any():
        i = int(np.argmax(bad))
        event = f"event {rows + i} at t = {t[i] + offset} µs"
        if t[i] < before[i]:
            message = f"DSEC files cannot go back to {event}"
            raise InvalidInput(message, hint="sort the events by time: repair with 'sort'")
        message = f"DSEC files cannot hold {event}, more than 2^32 µs behind the first"
        raise InvalidInput(message, hint="cut the recording into pieces of an hour")
