"""The arrays of a numpy archive: members of a zip, each a ``.npy``, as it is or deflated."""

import zipfile
from collections.abc import Container
from dataclasses import dataclass
from functools import partial

import numpy as np

from eventstore.errors import FormatError
from eventstore.readers.npy_array import HINT, NpyHeader, read_header, view_array
from eventstore.readers.protocol import ByteSource
from eventstore.readers.stream_rows import DAMAGED, StreamRows, damaged
from eventstore.readers.view_file import ViewFile

WHOLE_LIMIT = 1 << 30
"""Most bytes of an array that can only be read whole."""

_HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """One array of an archive.

    Args:
        name: ``archive.npz:member``, for messages.
        archive: the archive.
        info: the member.
        header: what its header says.
    """

    name: str
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    header: NpyHeader

    def rows(self) -> StreamRows:
        """Return its rows, unpacked as they are asked for."""
        return StreamRows(
            name=self.name,
            open=partial(self.archive.open, self.info),
            start=self.header.start,
            dtype=self.header.dtype,
            shape=self.header.shape,
        )

    def whole(self) -> np.ndarray:
        """Return the whole array, in whatever order it lies.

        Raises:
            FormatError: it does not unpack to what it promises, or is too long to be read whole.
        """
        size = self.info.file_size
        if size > WHOLE_LIMIT:
            message, expected = "an array too long to be read whole", f"{WHOLE_LIMIT} bytes"
            found = f"{size} bytes"
            raise FormatError(message, path=self.name, expected=expected, found=found, hint=HINT)
        stream = StreamRows(
            name=self.name,
            open=partial(self.archive.open, self.info),
            dtype=np.dtype(np.uint8),
            shape=(size,),
        )
        return view_array(self.name, stream[:].data)


def open_members(source: ByteSource, wanted: Container[str]) -> dict[str, Member]:
    """Return the arrays of an archive that have one of the wanted names, by name.

    Raises:
        FormatError: it is no zip, or an array in it is damaged.
    """
    try:
        archive = zipfile.ZipFile(ViewFile(source.data))
        stems = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    except DAMAGED as error:
        raise damaged(source.name, str(error)) from error
    return {
        stem: _open(source.name, archive, info) for stem, info in stems.items() if stem in wanted
    }


def _open(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    name = f"{name}:{info.filename}"
    try:
        with archive.open(info) as stream:
            head = stream.read(_HEAD_BYTES)
    except DAMAGED as error:
        raise damaged(name, str(error)) from error
    header = read_header(name, memoryview(head))
    if header.start + header.n_bytes != info.file_size:
        expected, found = f"{header.n_bytes} bytes", f"{info.file_size - header.start}"
        message = "array of the wrong size"
        raise FormatError(
            message, path=name, offset=header.start, expected=expected, found=found, hint=HINT
        )
    return Member(name=name, archive=archive, info=info, header=header)
