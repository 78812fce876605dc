"""Write numpy archives (``.npz``): ``t x y p width height``, of audio ``t c width``.

Columns are int64 µs, uint16, uint16 and uint8, as `numpy.load` gives them. They are kept in
nameless temporary files beside the target until their length is known, so memory does not grow.
"""

import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.plugin_options import option
from eventstore.readers.protocol import SideStreams
from eventstore.writers.protocol import partial_path

_DTYPES = {"t": "<i8", "x": "<u2", "y": "<u2", "p": "|u1", "c": "<u2"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same events give the same bytes
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NpzWriter:
    """Writer of numpy archives.

    Args:
        compress: deflate the columns.
    """

    compress: bool = option(False, "deflate the columns: smaller, and slower to read")
    name: str = "npz"
    suffixes: tuple[str, ...] = (".npz",)
    side_kinds: tuple[str, ...] = ()

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,  # readers of archives expect events only
        side: SideStreams | None = None,
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Raises:
            OSError: the disk is full or refuses; nothing is left behind.
        """
        rows = 0
        with ExitStack() as stack:
            columns = {
                letter: stack.enter_context(TemporaryFile(dir=path.parent))
                for letter in sensor.columns
            }
            for packet in packets:
                for letter, file in columns.items():
                    file.write(packet.column(letter).astype(_DTYPES[letter], copy=False).data)
                rows += len(packet)
            partial = stack.enter_context(partial_path(path))
            method = zipfile.ZIP_DEFLATED if self.compress else zipfile.ZIP_STORED
            with zipfile.ZipFile(partial, "w", method) as archive:
                for letter, file in columns.items():
                    file.seek(0)
                    _add(archive, letter, np.dtype(_DTYPES[letter]), (rows,), file)
                sizes = {"width": sensor.width, "height": sensor.height}
                for name in ("width",) if sensor.modality == "audio" else tuple(sizes):
                    with TemporaryFile() as file:
                        file.write(np.int64(sizes[name]).tobytes())
                        file.seek(0)
                        _add(archive, name, np.dtype("<i8"), (), file)


WRITER = NpzWriter()


def _add(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype, shape: tuple[int, ...], data: IO[bytes]
) -> None:
    info = zipfile.ZipInfo(f"{name}.npy", _LONG_AGO)
    info.compress_type = archive.compression
    facts = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    with archive.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, facts)
        shutil.copyfileobj(data, member, _COPY_BYTES)
