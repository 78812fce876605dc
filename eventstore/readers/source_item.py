"""One recording among the sources of an ingest: a value that any process can open."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from eventstore.readers.protocol import ByteSource, check_present
from eventstore.readers.tar_members import TarMember, is_tar, map_tar, slice_member
from eventstore.readers.zip_members import ZipMember, read_member

Stamp: TypeAlias = tuple[int, int, int]
"""What changes when a file is written again: inode, size, time of the last change in ns."""

Member: TypeAlias = ZipMember | TarMember
"""A file in an archive."""

_KEPT_FILES = 4
_KEPT_ARCHIVES = 4
_KEPT_INNER = 2
_KEPT_MEMBERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One recording that can be opened, here or in another process.

    Args:
        recording_id: path without suffix inside the archive or folder, or the stem of a single
            file; followed by the part's name where the file holds several recordings.
        label: the part's class, else the name of the folder it lies in, unless that is the fold.
        fold: the part's fold, else the top folder in lower case where it names one.
        name: what messages call it.
        source: its name from the listed file, folder or archive on; where that lay on this machine
            is nobody's business.
        path: the file, or the archive it lies in.
        member: its place in the archive; None for a file.
        inside: the archives that it lies in within that one, the outermost first.
        part: its name among the recordings of one file.
        reader: name of the reader that listed the parts; None where the bytes are to tell.
        n_bytes: about how many bytes it is decoded from.
    """

    recording_id: str
    label: str | None
    fold: str | None
    name: str
    source: str
    path: Path
    member: Member | None = None
    inside: tuple[Member, ...] = ()
    part: str = ""
    reader: str | None = None
    n_bytes: int = 0

    def open(self) -> ByteSource:
        """Map or unpack its bytes; what several recordings share, once for all of them.

        Raises:
            NotFound: the file is gone.
            MissingContent: it is an annexed file whose content is not here.
            FormatError: the archive is damaged.
        """
        if self.member is None:
            if not self.part:
                return ByteSource.map_file(self.path)
            return _kept_file(self.path, self.stamp()).of_part(self.part)
        read = _kept_member if self.part else _member
        return read(self.path, self.stamp(), self.inside, self.member).of_part(self.part)

    def stamp(self) -> Stamp:
        """Return what changes when the file is written again.

        Raises:
            NotFound: the file is gone.
            MissingContent: it is an annexed file whose content is not here.
        """
        return _stamp(self.path)


def map_whole(path: Path) -> memoryview:
    """Map an archive into memory, a compressed tar after unpacking it; once per process.

    Raises:
        NotFound: there is no such file.
        MissingContent: it is an annexed file whose content is not here.
        FormatError: the archive is damaged.
    """
    return _archive(path, _stamp(path))


@lru_cache(maxsize=_KEPT_ARCHIVES)
def _archive(path: Path, _of: Stamp) -> memoryview:
    return map_tar(path) if is_tar(path) else ByteSource.map_file(path).data


@lru_cache(maxsize=_KEPT_FILES)
def _kept_file(path: Path, _of: Stamp) -> ByteSource:
    return ByteSource.map_file(path)


@lru_cache(maxsize=_KEPT_MEMBERS)
def _kept_member(path: Path, of: Stamp, inside: tuple[Member, ...], member: Member) -> ByteSource:
    return _member(path, of, inside, member)


def _member(path: Path, of: Stamp, inside: tuple[Member, ...], member: Member) -> ByteSource:
    name = ":".join([str(path), *(outer.name for outer in inside), member.name])
    archive = _inner(path, of, inside) if inside else _archive(path, of)
    if isinstance(member, ZipMember):
        return read_member(archive, member, name)
    return slice_member(archive, member, name)


@lru_cache(maxsize=_KEPT_INNER)
def _inner(path: Path, of: Stamp, inside: tuple[Member, ...]) -> memoryview:
    """Return the bytes of an archive within one; a stored one is not copied."""
    return _member(path, of, inside[:-1], inside[-1]).data


def _stamp(path: Path) -> Stamp:
    check_present(path)
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
