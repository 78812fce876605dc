"""Unpack an archive beside its download, where it is too large to be read where it lies.

A zip's member is unpacked in memory when it is read in place; an HDF5 file of gigabytes has to lie
on the disk. A compressed tar is unpacked by each process for itself, into the machine's temporary
folder; a large one becomes a plain tar once, which all of them map. What is made is written under
another name and renamed when it is whole: what has its name is complete.
"""

import lzma
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from catalog.public.archive_check import Member, check_archive
from catalog.public.fetch import check_room
from eventstore.durable import PARTIAL, sync_folder
from eventstore.errors import FormatError
from eventstore.readers.source_item import map_whole
from eventstore.readers.tar_members import UNPACKERS, is_tar, iter_headers, spool_tar
from eventstore.readers.view_file import ViewFile

IN_MEMORY_BYTES = 1 << 28
"""Members up to this size are read where they lie: 256 MiB."""

IN_PLACE_BYTES = 1 << 26
"""Compressed tars up to this size are read where they lie: 64 MiB."""

_STEP_BYTES = 1 << 20
_FETCH_AGAIN = "the archive is damaged: fetch it again"


def needs_unpacking(path: Path, members: Iterable[Member]) -> bool:
    """Say whether an archive holds a member that cannot be read where it lies.

    That is a large one of a zip, and a compressed tar: there is no reading it from the middle.
    """
    files = [member for member in members if member.kind == "file"]
    large = not is_tar(path) and any(member.size > IN_MEMORY_BYTES for member in files)
    return large or any(member.name.lower().endswith(tuple(UNPACKERS)) for member in files)


def needs_expanding(path: Path) -> bool:
    """Say whether a path is that of a compressed tar too large to be read where it lies."""
    packed = path.name.lower().endswith(tuple(UNPACKERS))
    return packed and path.stat().st_size > IN_PLACE_BYTES


def expand_tar(path: Path, folder: Path) -> Path:
    """Make a plain tar of a compressed one; nothing is done where that was done before.

    Args:
        path: the compressed tar.
        folder: where to put it, under the name up to ``.tar``.

    Returns: the plain tar, of which nothing was checked yet.

    Raises:
        FormatError: the compressed data is damaged, cut short, or unpacks to an absurd size.
        InvalidInput: there is not enough room.
    """
    suffix = next(s for s in UNPACKERS if path.name.lower().endswith(s))
    plain = folder / f"{path.name[: -len(suffix)]}.tar"
    if plain.is_file():
        return plain
    check_room(folder, path.stat().st_size)
    folder.mkdir(parents=True, exist_ok=True)
    making = plain.with_name(f".{plain.name}{PARTIAL}")
    with making.open("w+b") as file:
        spool_tar(path, suffix, file)
        file.flush()
        os.fsync(file.fileno())
    making.replace(plain)
    sync_folder(folder)
    return plain


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a zip or tar; nothing is done where it was unpacked before.

    Links are not made: what they lead to is in the archive itself.

    Args:
        path: the archive.
        folder: the folder to be, which is not there yet or is the archive's, unpacked.

    Returns: the folder.

    Raises:
        FormatError: the archive is damaged or unsafe, or a member is not what it says.
        InvalidInput: there is not enough room.
    """
    if folder.is_dir():
        return folder
    members = check_archive(path)
    check_room(folder, sum(member.size for member in members))
    making = folder.with_name(f".{folder.name}{PARTIAL}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for member, packed in zip(members, _contents(path), strict=True):
        target = making / member.name
        if member.kind == "folder":
            target.mkdir(parents=True, exist_ok=True)
        elif member.kind == "file":
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed() as opened, target.open("wb") as file:
                _copy(f"{path}:{member.name}", member.size, opened, file)
    making.rename(folder)
    sync_folder(folder.parent)
    return folder


def _contents(path: Path) -> Iterator[Callable[[], IO[bytes]]]:
    """Iterate over what opens each member, in the order that `check_archive` lists them."""
    if is_tar(path):
        whole = map_whole(path)
        for info in iter_headers(whole, str(path)):
            if not (info.isdir() and str(PurePosixPath(info.name)) == "."):
                data = whole[info.offset_data : info.offset_data + info.size]
                yield partial(_view, data)
        return
    with zipfile.ZipFile(path) as opened:
        for entry in opened.infolist():
            yield partial(opened.open, entry)


def _view(data: memoryview) -> IO[bytes]:
    return cast("IO[bytes]", ViewFile(data))


def _copy(name: str, size: int, packed: IO[bytes], file: IO[bytes]) -> None:
    """Write a member's bytes, stopping where they are more than were promised."""
    written = 0
    try:
        while step := packed.read(_STEP_BYTES):
            written += len(step)
            if written > size:
                break
            file.write(step)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError) as error:
        message = f"its bytes do not unpack ({error})"
        raise FormatError(message, path=name, hint=_FETCH_AGAIN) from error
    if written != size:
        message = "it does not unpack to the size that the archive's directory says"
        found = f"{written:,} bytes" if written < size else "more"
        raise FormatError(
            message, path=name, expected=f"{size:,} bytes", found=found, hint=_FETCH_AGAIN
        )
    file.flush()
    os.fsync(file.fileno())
