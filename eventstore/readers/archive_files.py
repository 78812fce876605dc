"""Every file of a folder or archive, and of the archives in it; which are recordings is not asked.

A public dataset is often an archive of archives: a zip of a zip for each user. They are read where
they lie. One that is packed within another is unpacked into memory, so it may have a gigabyte.
"""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from eventstore.errors import FormatError
from eventstore.readers.archive import archive_items, folder_items, is_archive, is_clutter, placed
from eventstore.readers.protocol import check_present
from eventstore.readers.source_item import Member, SourceItem
from eventstore.readers.tar_members import is_tar, list_tar
from eventstore.readers.view_file import ViewFile
from eventstore.readers.zip_members import list_members

DEEPEST = 2
"""How many archives a file is looked for in, within the outermost."""


def list_files(path: Path) -> list[tuple[str, SourceItem]]:
    """List every file of a folder or archive, or a file itself, with its place in there.

    No file is looked into, but for archives: the place of a file in an archive within is below
    that of the archive, ``users.zip/u1/3.dat``.

    Raises:
        NotFound: there is no such path.
        FormatError: an archive is damaged or one of its members is unsafe.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_folders
        >>> [place for place, _ in list_files(tiny_folders(Path(mkdtemp()))[1])]
        ['left/0.bin', 'right/0.bin']
    """
    if not path.is_dir() and not is_archive(path):
        check_present(path)
        item = placed(path.name, path.name, path=path, n_bytes=path.stat().st_size)
        return [(path.name, item)]
    if path.is_dir():
        found = [(item.path.relative_to(path).as_posix(), item) for item in folder_items(path)]
    else:
        found = [(_place_of(item), item) for item in archive_items(path)]
    files = [pair for place, item in found for pair in _looked_into(place, item)]
    return sorted(files, key=lambda pair: pair[0])


def _looked_into(place: str, item: SourceItem) -> list[tuple[str, SourceItem]]:
    """Return a file, or where it is an archive the files in it."""
    if item.member is None:
        if not is_archive(item.path):
            return [(place, item)]
        return [(f"{place}/{inner}", found) for inner, found in list_files(item.path)]
    if not is_archive(Path(item.member.name)) or len(item.inside) == DEEPEST:
        return [(place, item)]
    inside = (*item.inside, item.member)
    files = []
    for member in _inner_members(item):
        parts = PurePosixPath(member.name).parts
        if any(map(is_clutter, parts)):
            continue
        found = replace(
            item,
            name=f"{item.name}:{member.name}",
            source=f"{item.source}:{member.name}",
            member=member,
            inside=inside,
            n_bytes=member.size,
        )
        files += _looked_into("/".join((place, *parts)), found)
    return files


def _inner_members(item: SourceItem) -> list[Member]:
    source = item.open()
    if not is_tar(Path(source.name)):
        return list(list_members(cast("BinaryIO", ViewFile(source.data)), source.name))
    if source.suffix != ".tar":
        hint = "unpack the outer archive, and ingest the folder"
        message = "a compressed tar within an archive is not read in place"
        raise FormatError(message, path=source.name, hint=hint)
    return list(list_tar(source.data, source.name))


def _place_of(item: SourceItem) -> str:
    """Return the path of a member in its archive, without what tools put before it."""
    name = "" if item.member is None else item.member.name
    return name if "//" not in name and "./" not in name else str(PurePosixPath(name))
