"""Which files of an entry are wanted, where they are, and getting those that are not here."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from catalog.public.archive_check import check_archive
from catalog.public.entry import PublicDataset, PublicFile
from catalog.public.fetch import Fetched, Manner, check_room, fetch_file, unstated
from catalog.public.partial import bytes_begun
from catalog.public.sums import checked_facts
from catalog.public.unpack import expand_tar, needs_expanding, needs_unpacking, unpack
from eventstore.errors import InvalidInput, NotFound
from eventstore.readers.archive import is_archive

UNPACKED = ".unpacked"
"""Folder below the downloads that archives are unpacked in."""


class Whereabouts(NamedTuple):
    """Where a file is before anything is fetched."""

    file: PublicFile
    status: str
    """``here``, ``begun``, ``to-fetch``, or ``by-hand`` where no program can fetch it."""
    path: Path | None
    """Where it lies, where it is here."""
    n_bytes_left: int | None
    """Bytes still to fetch; None where nobody knows."""


def choose_files(entry: PublicDataset, patterns: Sequence[str]) -> list[PublicFile]:
    """Return the files of an entry whose name fits one of the patterns; all where there is none.

    Raises:
        InvalidInput: a pattern fits no file.

    Examples:
        >>> from catalog.public.entry import load_entry
        >>> [file.name for file in choose_files(load_entry("nmnist"), ["te*"])]
        ['test.zip']
    """
    for pattern in patterns:
        if not any(fnmatchcase(file.name, pattern) for file in entry.files):
            names = ", ".join(file.name for file in entry.files[:6])
            more = ", …" if len(entry.files) > 6 else ""
            message = f"no file of {entry.name} fits {pattern!r} (there are: {names}{more})"
            raise InvalidInput(message, hint="* stands for any signs, ? for one")
    chosen = patterns or ["*"]
    return [f for f in entry.files if any(fnmatchcase(f.name, pattern) for pattern in chosen)]


def find_files(
    files: Sequence[PublicFile], folder: Path | None, downloads: Path
) -> list[Whereabouts]:
    """Say where files are; nothing is read but names and sizes.

    Args:
        files: the files.
        folder: the user's folder with files that were fetched by other means.
        downloads: the dataset's own folder of downloads.

    Raises:
        NotFound: there is no such folder.
    """
    own = _by_name(folder) if folder is not None else {}
    return [_whereabouts(file, own, downloads) for file in files]


def _by_name(folder: Path) -> Mapping[str, list[Path]]:
    if not folder.is_dir():
        message = f"no folder {folder}"
        raise NotFound(message, hint="check the spelling and the current folder")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.setdefault(path.name.casefold(), []).append(path)
    return found


def _whereabouts(file: PublicFile, own: Mapping[str, list[Path]], downloads: Path) -> Whereabouts:
    wanted = Path(file.name)
    paths = own.get(wanted.name.casefold(), [])
    exact = [p for p in paths if p.parts[-len(wanted.parts) :] == wanted.parts] or paths
    if len(exact) > 1:
        message = f"{len(exact)} files could be {file.name}: {', '.join(map(str, exact[:3]))}"
        raise InvalidInput(message, hint="name the folder that holds the right one alone")
    final = downloads / file.name
    if exact or final.exists():
        return Whereabouts(file, "here", exact[0] if exact else final, 0)
    if not file.urls:
        return Whereabouts(file, "by-hand", None, file.size)
    begun = bytes_begun(final)
    left = None if file.size is None else max(0, file.size - begun)
    return Whereabouts(file, "begun" if begun else "to-fetch", None, left)


def refuse_by_hand(entry: PublicDataset, whereabouts: Sequence[Whereabouts]) -> None:
    """Say what has to be fetched by hand.

    Raises:
        NotFound: there is such a file, and it is not here.
    """
    absent = [where.file.name for where in whereabouts if where.status == "by-hand"]
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        message = f"{entry.name} is fetched by hand; not here: {', '.join(absent[:3])}{more}"
        then = f"spikelake public add {entry.name} --from FOLDER"
        raise NotFound(message, hint=f"{entry.instructions.strip()}\nthen: {then}")


def acquire(
    whereabouts: Sequence[Whereabouts],
    downloads: Path,
    manner: Manner,
    told: Callable[[Fetched], None],
) -> list[Fetched]:
    """Fetch what is not here, and check all.

    Args:
        whereabouts: of `find_files`.
        downloads: where to put what is fetched.
        manner: how patiently.
        told: called with each file once it is here and right.

    Raises:
        IntegrityError: a file is not what its publisher states.
        Unreachable: a file cannot be had.
        InvalidInput: there is not enough room.
    """
    check_room(downloads, sum(where.n_bytes_left or 0 for where in whereabouts))
    got = []
    for where in whereabouts:
        if where.path is None or where.path.is_relative_to(downloads):
            fetched = fetch_file(where.file, downloads, manner=manner)
        else:
            facts = checked_facts(where.file, where.path, stamps=False)
            findings = unstated(where.file, facts)
            fetched = Fetched(file=where.file, path=where.path, facts=facts, findings=findings)
        told(fetched)
        got.append(fetched)
    return got


def opened_sources(got: Sequence[Fetched], downloads: Path) -> list[Path]:
    """Return what a layout is to look at: the files, or folders where one had to be unpacked.

    Raises:
        FormatError: an archive is damaged or unsafe.
    """
    return [_opened(fetched, downloads / UNPACKED) for fetched in got]


def _opened(fetched: Fetched, unpacked: Path) -> Path:
    path = fetched.path
    folder = unpacked / fetched.facts.sha256[:16]  # what was unpacked of other bytes is no use
    if not is_archive(path):
        return path
    if needs_expanding(path):
        path = expand_tar(path, folder)
    members = check_archive(path)
    if not needs_unpacking(path, members):
        return path
    whole = unpack(path, folder / path.name)
    for inner in sorted(whole.rglob("*")):
        if inner.is_file() and is_archive(inner):
            check_archive(inner)
    return whole


def clear_downloads(downloads: Path, *, keep: bool) -> int:
    """Remove what was unpacked, and the downloads themselves unless they are kept.

    Returns: how many bytes that freed.
    """
    gone = downloads / UNPACKED if keep else downloads
    if not gone.is_dir():
        return 0
    freed = sum(path.stat().st_size for path in gone.rglob("*") if path.is_file())
    shutil.rmtree(gone)
    return freed
