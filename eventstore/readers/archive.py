"""List the recordings in a file, a folder, a zip or a tar, with what their place says about them.

Public datasets come as class folders, ``Train/3/00891.bin``: the last folder is the label, a top
folder named like a fold is the fold, and the path without suffix is the recording's id. Ids are the
same whether the archive was unpacked or not. Where one file holds several recordings, the id of
each is the file's, a slash, and its name in there.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from eventstore.errors import AlreadyExists, NotFound
from eventstore.findings import Finding, Severity
from eventstore.readers.open import installed_readers
from eventstore.readers.options import named_reader
from eventstore.readers.protocol import Part, Reader, check_present
from eventstore.readers.source_item import Member, SourceItem, map_whole
from eventstore.readers.tar_members import is_tar, list_tar
from eventstore.readers.zip_members import list_members

FOLDS = frozenset({"train", "training", "test", "testing", "valid", "val", "validation"})
"""Top folders that name a fold."""

SHARED_SUFFIXES = frozenset(
    {".txt", ".csv", ".tsv", ".npz", ".npy", ".mat", ".h5", ".hdf5", ".db3", ".wav"}
)
"""Suffixes that other files carry too; these are looked into before they are listed."""

NOTES = frozenset({".txt", ".csv", ".tsv"})
"""Suffixes of files that more often than not are notes; others without events are suspicious."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceListing:
    """What a path holds: recordings in order of their ids, and names of the files passed over.

    Args:
        items: the recordings.
        skipped: files that no reader takes, in order.
        doubtful: those of them whose suffix is a reader's own.
    """

    items: list[SourceItem]
    skipped: list[str]
    doubtful: list[str] = field(default_factory=list)

    def findings(self) -> list[Finding]:
        """Say which files were passed over: each doubtful one, and how many others."""
        found = [
            Finding(
                severity=Severity.WARNING,
                where=name,
                message="passed over: its suffix is that of recordings, its content is none",
                fix="fetch it again, or name its reader (--reader) and ingest it by itself",
                check="file-passed-over",
            )
            for name in self.doubtful
        ]
        others = [name for name in self.skipped if name not in set(self.doubtful)]
        if others:
            more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
            found.append(
                Finding(
                    severity=Severity.INFO,
                    where=others[0],
                    message=f"no recordings: {others[0]}{more}",
                    check="other-files",
                )
            )
        return found


def iter_sources(path: Path, *, reader: str | None = None) -> Iterator[SourceItem]:
    """Iterate over the recordings of a file, folder, zip or tar in order of their files.

    Args:
        path: a recording, a folder of them, a zip or a tar.
        reader: takes only files with a suffix of this reader; a file named by itself always.

    Raises:
        NotFound: there is no such path, or no recording in it.
        FormatError: the archive is damaged or one of its members is unsafe, or a file that may
            hold several recordings is damaged.
        AlreadyExists: two recordings have one id.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_folders
        >>> train, test = tiny_folders(Path(mkdtemp()))
        >>> for item in iter_sources(test):
        ...     print(item.recording_id, item.label, item.fold)
        Test/left/0 left test
        Test/right/0 right test
    """
    return iter(list_sources(path, reader=reader).items)


def list_sources(path: Path, *, reader: str | None = None) -> SourceListing:
    """List the recordings of a file, folder or archive, and the files in it that are none.

    A file named by itself is always listed; raises as `iter_sources`.
    """
    readers = [named_reader(reader)] if reader is not None else installed_readers()[0]
    if not path.is_dir() and not is_archive(path):
        check_present(path)
        item = placed(path.name, path.name, path=path, n_bytes=path.stat().st_size)
        forced = readers[0] if reader is not None else None
        parts = _recordings(item, readers, forced=forced) or [item]
        _check_unique(path, parts)
        return SourceListing(items=parts, skipped=[])
    candidates = folder_items(path) if path.is_dir() else archive_items(path)
    items: list[SourceItem] = []
    skipped, doubtful = [], []
    own = {suffix for r in readers for suffix in r.suffixes} - NOTES
    for item in sorted(candidates, key=lambda item: item.recording_id):
        found = _recordings(item, readers)
        items += found
        if not found:
            skipped.append(item.name)
            if Path(item.name).suffix.lower() in own:
                doubtful.append(item.name)
    if not items:
        known = ", ".join(sorted({suffix for r in readers for suffix in r.suffixes}))
        message = f"no recordings in {path} ({len(skipped)} other files; known suffixes: {known})"
        raise NotFound(message, hint="name a reader, or the folder the recordings lie in")
    _check_unique(path, items)
    return SourceListing(items=items, skipped=sorted(skipped), doubtful=sorted(doubtful))


def list_recordings(item: SourceItem, reader: str | None = None) -> list[SourceItem]:
    """Return the recordings of one file: itself, or those in it, or none where it is no recording.

    Args:
        item: the file.
        reader: the reader to use whatever the file is called; by suffix and first bytes where None.

    Raises:
        NotFound: there is no such reader.
        FormatError: a file that may hold several recordings is damaged.
    """
    if reader is None:
        return _recordings(item, installed_readers()[0])
    forced = named_reader(reader)
    if not forced.holds_many:
        return [replace(item, reader=reader)]
    return [replace(found, reader=reader) for found in _recordings(item, [forced], forced=forced)]


def is_archive(path: Path) -> bool:
    """Say whether a path is named like a zip or a tar.

    Examples:
        >>> is_archive(Path("Train.zip")), is_archive(Path("0.bin"))
        (True, False)
    """
    return path.suffix.lower() == ".zip" or is_tar(path)


def _recordings(
    item: SourceItem, readers: list[Reader], *, forced: Reader | None = None
) -> list[SourceItem]:
    """Return the recordings of one file: itself, its parts, or none where it is no recording."""
    suffix = Path(item.name).suffix.lower()
    claiming = [reader for reader in readers if suffix in reader.suffixes]
    if forced is None:
        if not claiming:
            return []
        if suffix not in SHARED_SUFFIXES and not any(reader.holds_many for reader in claiming):
            return [item]
        source = item.open()
        forced = next((reader for reader in claiming if reader.sniff(source)), None)
    if forced is None:
        return []
    parts = forced.parts(item.open()) if forced.holds_many else ()
    return [_of_part(item, forced.name, part, len(parts)) for part in parts] or [item]


def _of_part(item: SourceItem, reader: str, part: Part, n_parts: int) -> SourceItem:
    several = n_parts > 1
    return replace(
        item,
        recording_id=f"{item.recording_id}/{part.name.strip('/')}"
        if several
        else item.recording_id,
        label=part.label or item.label,
        fold=part.fold.lower() if part.fold else item.fold,
        name=f"{item.name}:{part.name}" if several else item.name,
        source=f"{item.source}:{part.name}" if several else item.source,
        part=part.name,
        reader=reader,
        n_bytes=item.n_bytes // n_parts,
    )


def folder_items(folder: Path) -> Iterator[SourceItem]:
    """Iterate over every file of a folder, archives among them."""
    # The archive's own top folder, unpacked: Train/ gives the ids that Train.zip gives.
    top = folder.resolve().name
    prefix = f"{top}/" if top.lower() in FOLDS else ""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_clutter(name)]
        for name in names:
            if not is_clutter(name):
                path = Path(parent, name)
                size = path.stat().st_size if path.exists() else 0
                relative = path.relative_to(folder).as_posix()
                source = f"{top}/{relative}"
                yield placed(prefix + relative, source, path=path, n_bytes=size)


def archive_items(archive: Path) -> Iterator[SourceItem]:
    """Iterate over every file of an archive, archives among them."""
    check_present(archive)
    members: Sequence[Member]
    if is_tar(archive):
        members = list_tar(map_whole(archive), str(archive))
    else:
        members = list_members(archive, str(archive))
    for member in members:
        parts = PurePosixPath(member.name).parts
        if not any(map(is_clutter, parts)):
            place, source = "/".join(parts), f"{archive.name}:{member.name}"
            yield placed(place, source, path=archive, member=member, n_bytes=member.size)


def is_clutter(name: str) -> bool:
    """Say whether a file is a tool's own, as ``.DS_Store``."""
    return name.startswith(".") or name == "__MACOSX"


def placed(
    relative: str,
    source: str,
    *,
    path: Path,
    member: Member | None = None,
    n_bytes: int,
) -> SourceItem:
    """Read label and fold off the path inside the archive."""
    name = str(path) if member is None else f"{path}:{member.name}"
    place = PurePosixPath(relative)
    folders = place.parts[:-1]
    fold = folders[0].lower() if folders and folders[0].lower() in FOLDS else None
    classes = folders if fold is None else folders[1:]
    return SourceItem(
        recording_id=str(place.with_suffix("")),
        label=classes[-1] if classes else None,
        fold=fold,
        name=name,
        source=source,
        path=path,
        member=member,
        n_bytes=n_bytes,
    )


def _check_unique(path: Path, items: list[SourceItem]) -> None:
    counts = Counter(item.recording_id for item in items)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        twins = [item.name for item in items if item.recording_id == repeated[0]]
        message = f"{path}: {len(repeated)} ids stand for several recordings, such as {twins}"
        raise AlreadyExists(message, hint="rename one of them, or name a reader to take one format")
