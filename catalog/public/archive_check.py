"""Look through a downloaded archive before anything of it is read, and refuse what is unsafe.

Reading in place follows no link and leaves no file anywhere, so most of this could not do harm; but
an archive that holds any of it is not the one its publisher made, or one that would be understood
differently on another machine. Of a zip only the directory is read, of a tar the headers.
"""

import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from eventstore.errors import FormatError
from eventstore.readers.source_item import map_whole
from eventstore.readers.tar_members import is_tar, iter_headers
from eventstore.readers.zip_members import list_members

LARGEST_BYTES = 1 << 42
"""A member that says it unpacks to more is refused: 4 TiB."""

_UTF8 = 0x800
_HINT = "get the archive from its publisher; nothing of this one was read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file or folder in an archive.

    Args:
        name: its path, with ``/`` between folders and none at the end.
        size: bytes that it unpacks to.
        kind: what it is.
    """

    name: str
    size: int
    kind: Literal["file", "folder", "link"]


def check_archive(path: Path) -> list[Member]:
    """List what is in a zip or tar, refusing all of it where one member is unsafe.

    Raises:
        FormatError: the archive is damaged, or names a member that leaves it by its path or as a
            link, is a device, unpacks to an absurd size, lies where another one lies, has a name
            that another one has (also but for upper and lower case) or that cannot be read.

    Examples:
        >>> from tempfile import mkdtemp
        >>> packed = Path(mkdtemp()) / "a.zip"
        >>> with zipfile.ZipFile(packed, "w") as opened:
        ...     opened.writestr("Train/0.bin", b"12345")
        >>> check_archive(packed)
        [Member(name='Train/0.bin', size=5, kind='file')]
    """
    members = list(_tar_members(path) if is_tar(path) else _zip_members(path))
    _check_names(path, members)
    return members


def _zip_members(path: Path) -> Iterator[Member]:
    files = list_members(path, str(path), limit_bytes=LARGEST_BYTES)
    with zipfile.ZipFile(path) as opened:
        infos = opened.infolist()
    _check_overlap(path, infos)
    for info in infos:
        yield Member(
            name=_zip_name(path, info).rstrip("/"),
            size=info.file_size,
            kind="folder" if info.is_dir() else "file",
        )
    if len(files) != sum(not info.is_dir() for info in infos):
        raise _refusal(path, "", "its directory changed while it was read")


def _check_overlap(path: Path, infos: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: a small zip that unpacks to a huge one."""
    end, before = 0, ""
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise _refusal(path, info.filename, f"it shares its bytes with {before}")
        end, before = info.header_offset + 30 + info.compress_size, info.filename


def _zip_name(path: Path, info: zipfile.ZipInfo) -> str:
    """Return a member's name; one in an unknown encoding cannot be known."""
    name = info.filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode()  # UTF-8 that the packer forgot to say is UTF-8
    except UnicodeError:
        raise _refusal(path, name, "the encoding of its name is not known") from None


def _tar_members(path: Path) -> Iterator[Member]:
    for info in iter_headers(map_whole(path), str(path)):
        name = str(PurePosixPath(info.name))
        if info.issym() or info.islnk():
            _check_link(path, info)
            yield Member(name=name, size=0, kind="link")
        elif info.isdir():
            if name != ".":
                yield Member(name=name, size=0, kind="folder")
        elif info.isreg():
            yield Member(name=name, size=info.size, kind="file")
        else:
            raise _refusal(path, info.name, "it is a device")


def _check_link(path: Path, info: tarfile.TarInfo) -> None:
    """Refuse a link that leads out of the archive; a hard link's target is seen from its root."""
    folder = PurePosixPath(info.name).parent if info.issym() else PurePosixPath()
    target = PurePosixPath(info.linkname.replace("\\", "/"))
    depth = 0
    for part in (folder / target).parts:
        depth += -1 if part == ".." else 1
        if target.is_absolute() or depth < 0:
            raise _refusal(path, info.name, f"it is a link out of the archive ({info.linkname})")


def _check_names(path: Path, members: Iterable[Member]) -> None:
    seen: dict[str, Member] = {}
    for member in members:
        if not member.name.isprintable():
            reason = "its name holds signs that cannot be printed, or is in an unknown encoding"
            raise _refusal(path, ascii(member.name), reason)
        same = unicodedata.normalize("NFC", member.name).casefold()
        other = seen.setdefault(same, member)
        both_folders = other.kind == member.kind == "folder"
        if other is not member and not both_folders:
            differs = "" if other.name == member.name else f", but for its case: {other.name}"
            raise _refusal(path, member.name, f"another one has its name{differs}")
    for member in members:
        for folder in PurePosixPath(member.name).parents:
            other = seen.get(unicodedata.normalize("NFC", str(folder)).casefold(), member)
            if other is not member and other.kind != "folder":
                raise _refusal(path, member.name, f"it lies in {other.name}, which is no folder")


def _refusal(path: Path, name: str, reason: str) -> FormatError:
    message = f"refused: {reason}"
    return FormatError(message, path=f"{path}:{name}", hint=_HINT)
