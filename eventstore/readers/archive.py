"""List the recordings in a file, a folder or a zip, with what their place says about them.

Public datasets come as class folders, ``Train/3/00891.bin``: the last folder is the label, a top
folder named like a fold is the fold, and the path without suffix is the recording's id. Ids are the
same whether the archive was unpacked or not.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from eventstore.errors import AlreadyExists, NotFound
from eventstore.readers import READERS
from eventstore.readers.open import installed_readers
from eventstore.readers.protocol import ByteSource, Reader, check_present
from eventstore.readers.zip_members import list_members, map_archive, read_member

FOLDS = frozenset({"train", "training", "test", "testing", "valid", "val", "validation"})
"""Top folders that name a fold."""

SHARED_SUFFIXES = frozenset({".txt", ".csv", ".tsv", ".npz"})
"""Suffixes that other files carry too; these are looked into before they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceItem:
    """One recording that can be opened.

    Args:
        recording_id: path without suffix inside the archive or folder; the stem of a single file.
        label: name of the folder it lies in, unless that is the fold.
        fold: the top folder in lower case where it names a fold.
        name: what messages call it.
        open: maps or unpacks its bytes.
    """

    recording_id: str
    label: str | None
    fold: str | None
    name: str
    open: Callable[[], ByteSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceListing:
    """What a path holds: recordings in order of their ids, and names of the files passed over."""

    items: list[SourceItem]
    skipped: list[str]


def iter_sources(path: Path, *, reader: str | None = None) -> Iterator[SourceItem]:
    """Iterate over the recordings of a file, folder or zip in order of their ids.

    Args:
        path: a recording, a folder of them, or a zip.
        reader: takes only files with a suffix of this reader.

    Raises:
        NotFound: there is no such path, or no recording in it.
        FormatError: the zip is damaged or one of its members is unsafe.
        AlreadyExists: two files have one id.

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
    """List the recordings of a file, folder or zip, and the files in it that are none.

    A file named by itself is always listed; raises as `iter_sources`.
    """
    if not path.is_dir() and path.suffix.lower() != ".zip":
        check_present(path)
        return SourceListing(items=[_item(path.name, str(path), path)], skipped=[])
    candidates = _folder_items(path) if path.is_dir() else _zip_items(path)
    readers = [READERS[reader]] if reader is not None else installed_readers()[0]
    items: list[SourceItem] = []
    skipped: list[str] = []
    for item in candidates:
        if _is_recording(item, readers):
            items.append(item)
        else:
            skipped.append(item.name)
    if not items:
        known = ", ".join(sorted({suffix for r in readers for suffix in r.suffixes}))
        message = f"no recordings in {path} ({len(skipped)} other files; known suffixes: {known})"
        raise NotFound(message, hint="name a reader, or the folder the recordings lie in")
    _check_unique(path, items)
    items.sort(key=lambda item: item.recording_id)
    return SourceListing(items=items, skipped=sorted(skipped))


def _is_recording(item: SourceItem, readers: list[Reader]) -> bool:
    suffix = Path(item.name).suffix.lower()
    claiming = [reader for reader in readers if suffix in reader.suffixes]
    if suffix not in SHARED_SUFFIXES or not claiming:
        return bool(claiming)
    source = item.open()
    return any(reader.sniff(source) for reader in claiming)


def _folder_items(folder: Path) -> Iterator[SourceItem]:
    # The archive's own top folder, unpacked: Train/ gives the ids that Train.zip gives.
    top = folder.resolve().name
    prefix = f"{top}/" if top.lower() in FOLDS else ""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_clutter(name)]
        for name in names:
            if not _is_clutter(name):
                path = Path(parent, name)
                yield _item(prefix + path.relative_to(folder).as_posix(), str(path), path)


def _zip_items(archive: Path) -> Iterator[SourceItem]:
    check_present(archive)
    data = map_archive(archive)
    for member in list_members(archive, str(archive)):
        if not any(map(_is_clutter, PurePosixPath(member.name).parts)):
            name = f"{archive}:{member.name}"
            yield _placed(member.name, name, partial(read_member, data, member, name))


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _item(relative: str, name: str, path: Path) -> SourceItem:
    return _placed(relative, name, partial(ByteSource.map_file, path))


def _placed(relative: str, name: str, open_bytes: Callable[[], ByteSource]) -> SourceItem:
    """Read label and fold off the path inside the archive."""
    path = PurePosixPath(relative)
    folders = path.parts[:-1]
    fold = folders[0].lower() if folders and folders[0].lower() in FOLDS else None
    classes = folders if fold is None else folders[1:]
    return SourceItem(
        recording_id=str(path.with_suffix("")),
        label=classes[-1] if classes else None,
        fold=fold,
        name=name,
        open=open_bytes,
    )


def _check_unique(path: Path, items: list[SourceItem]) -> None:
    counts = Counter(item.recording_id for item in items)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        twins = [item.name for item in items if item.recording_id == repeated[0]]
        message = f"{path}: {len(repeated)} ids stand for several files, such as {twins}"
        raise AlreadyExists(message, hint="rename one of them, or name a reader to take one format")
