"""Random access to the members of a tar, compressed or not; nothing is ever extracted.

A compressed tar has no order of access but its own: it is unpacked once into a nameless temporary
file, which takes its unpacked size on the disk and is gone with the process.
"""

import bz2
import gzip
import lzma
import mmap
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Self, TypeAlias, cast

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource
from eventstore.readers.view_file import ViewFile

Unpacking: TypeAlias = gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile

UNPACKERS: Mapping[str, Callable[[Path], Unpacking]] = {
    ".tar.gz": gzip.GzipFile,
    ".tgz": gzip.GzipFile,
    ".tar.bz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
}
"""What opens a compressed tar, by suffix."""

RATIO_LIMIT = 200
"""A tar that unpacks to more than this many times its size is a bomb."""

_RATIO_FREE_BYTES = 1 << 24
_STEP_BYTES = 1 << 20
_FETCH_AGAIN = "the archive is damaged or incomplete: fetch it again"


@dataclass(frozen=True, slots=True)
class TarMember:
    """Where a member's bytes lie in the unpacked tar."""

    name: str
    offset: int
    size: int


class _Header(tarfile.TarInfo):
    """A header that cannot send its reader backwards (CVE-2025-8194)."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0:
            message = "negative size"
            raise tarfile.ReadError(message)
        return header


def is_tar(path: Path) -> bool:
    """Say whether a path is named like a tar.

    Examples:
        >>> is_tar(Path("speech.tar.gz")), is_tar(Path("speech.gz"))
        (True, False)
    """
    return path.name.lower().endswith((".tar", *UNPACKERS))


def map_tar(path: Path) -> memoryview:
    """Map a tar into memory, after unpacking it to a temporary file where it is compressed.

    Raises:
        FormatError: the compressed data is damaged, cut short, or unpacks to an absurd size.
    """
    whole = ByteSource.map_file(path).data
    for suffix in UNPACKERS:
        if path.name.lower().endswith(suffix):
            with TemporaryFile() as spool:
                spool_tar(path, suffix, spool)
                spool.flush()
                return _mapped(spool)
    return whole


def spool_tar(path: Path, suffix: str, spool: IO[bytes]) -> None:
    """Unpack a compressed tar to a file.

    Args:
        path: the tar.
        suffix: which of `UNPACKERS` it needs.
        spool: the file to write to.

    Raises:
        FormatError: the compressed data is damaged, cut short, or unpacks to an absurd size.
    """
    limit = max(_RATIO_FREE_BYTES, RATIO_LIMIT * path.stat().st_size)
    _unpack(path, UNPACKERS[suffix], limit, spool)


def list_tar(archive: memoryview, name: str) -> list[TarMember]:
    """List the files in a mapped tar; links and devices in it are passed over, never followed.

    Args:
        archive: the whole tar, from `map_tar`.
        name: what messages call it.

    Raises:
        FormatError: the tar is damaged, or the path of a member leaves it.
    """
    return [
        TarMember(str(PurePosixPath(info.name)), info.offset_data, info.size)  # without ./
        for info in iter_headers(archive, name)
        if info.isreg()
    ]


def iter_headers(archive: memoryview, name: str) -> Iterator[tarfile.TarInfo]:
    """Iterate over all that is in a mapped tar, links and devices too; raises as `list_tar`."""
    if not len(archive):
        raise _damaged(name, "empty file", 0)
    file, at = cast("IO[bytes]", ViewFile(archive)), 0
    try:
        with tarfile.open(fileobj=file, mode="r:", tarinfo=_Header) as opened:
            while (info := opened.next()) is not None:
                at = _after(name, info, at, len(archive))
                yield info
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise _damaged(name, str(error), at) from error


def slice_member(archive: memoryview, member: TarMember, name: str) -> ByteSource:
    """Return one member of a mapped tar, without copying it."""
    return ByteSource(name, archive[member.offset : member.offset + member.size])


def _after(name: str, info: tarfile.TarInfo, before: int, length: int) -> int:
    """Check a member, and return where its data ends."""
    path = PurePosixPath(info.name.replace("\\", "/"))
    drive = bool(path.parts) and path.parts[0].endswith(":")
    if path.is_absolute() or drive or ".." in path.parts:
        hint = "get the archive from its publisher; nothing of this one was read"
        message = "refused: its path leaves the archive"
        raise FormatError(message, path=f"{name}:{info.name}", hint=hint)
    if info.issparse():
        hint = "pack it again without --sparse, or unpack it and read the folder"
        message = "sparse members are not read"
        raise FormatError(message, path=f"{name}:{info.name}", hint=hint)
    end = info.offset_data + (info.size if info.isreg() else 0)
    if info.size < 0 or info.offset < before or end > length:
        raise _damaged(name, f"member {info.name} does not lie behind the one before", before)
    return end


def _unpack(path: Path, unpack: Callable[[Path], Unpacking], limit: int, spool: IO[bytes]) -> None:
    size = 0
    with unpack(path) as packed:
        while step := _read(path, packed):
            size += len(step)
            if size > limit:
                hint = "get the archive from its publisher"
                message = f"refused: it unpacks to more than {limit} bytes"
                raise FormatError(message, path=path, hint=hint)
            spool.write(step)


def _read(path: Path, packed: Unpacking) -> bytes:
    try:
        return packed.read(_STEP_BYTES)
    except OSError as error:
        if error.errno is not None:  # the disk's, not the data's
            raise
        raise _damaged(str(path), str(error)) from error
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise _damaged(str(path), str(error)) from error


def _mapped(spool: IO[bytes]) -> memoryview:
    if not spool.tell():
        return memoryview(b"")
    return memoryview(mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ))


def _damaged(name: str, reason: str, offset: int | None = None) -> FormatError:
    message = f"not a readable tar ({reason})"
    return FormatError(message, path=name, offset=offset, hint=_FETCH_AGAIN)
