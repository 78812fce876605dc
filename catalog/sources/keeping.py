"""Keep the sounds that recordings were made from, and let those of removed recordings go.

Packs are written before the table that names them: a pack that a killed run left unnamed is
written over by the next.
"""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from catalog.recording_table import by_column, parse_recordings
from catalog.sources.table import (
    FOLDER,
    PACK_BYTES,
    SOURCES,
    Kept,
    kept_sources,
    member_name,
    read_kept,
    sources_table,
)
from catalog.text_files import write_text
from catalog.tree import RECORDINGS, Tree, WorkTree
from eventstore.durable import DurableFolder
from eventstore.readers.source_item import SourceItem

ATTRIBUTES = "*.zip annex.largefiles=anything\n"

_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member: the same sources make the same packs."""


class KeptReport(NamedTuple):
    """What was kept.

    Args:
        n_added: sources that are kept now and were not before.
        n_bytes: their bytes.
        n_others: recordings whose source is no sound, or not the one that was ingested.
    """

    n_added: int
    n_bytes: int
    n_others: int


def keep_sources(root: Path, items: Sequence[SourceItem]) -> KeptReport:
    """Keep the WAV files among the sources of recordings that a dataset has.

    Done again, only what is not kept yet is added; with sources that were ingested long ago, too.

    Args:
        root: the dataset's folder, its store locked by nobody.
        items: what was ingested.
    """
    tree = WorkTree(root)
    sums = source_sums(tree)
    kept = dict(kept_sources(tree))
    n_known, n_others = len(kept), [0]

    def new() -> Iterator[tuple[str, bytes]]:
        for item in items:
            source = item.open()
            is_sound = bytes(source.data[:4]) == b"RIFF" and bytes(source.data[8:12]) == b"WAVE"
            sha256 = source.sha256().hex() if is_sound else ""
            if not is_sound or sums.get(item.recording_id) != sha256:
                n_others[0] += 1
            elif sha256 not in kept:
                yield sha256, bytes(source.data)

    _write_packs(root, kept, new())
    added = list(kept.values())[n_known:]
    if added:
        write_text(root / SOURCES, sources_table(kept).text())
    return KeptReport(len(added), sum(one.n_bytes for one in added), n_others[0])


def drop_sources(root: Path, recordings: Collection[str]) -> int:
    """Let the sources go that no recording but these has; return how many.

    Packs that hold others, too, are written anew without them, under other names.

    Raises:
        MissingContent: such a pack is not on this machine; nothing was changed.
    """
    tree = WorkTree(root)
    kept = dict(kept_sources(tree))
    sums = source_sums(tree) if kept else {}
    used = {sha256 for name, sha256 in sums.items() if name not in set(recordings)}
    gone = sorted(sha256 for sha256 in kept if sha256 not in used)
    if not gone:
        return 0
    touched = {kept[sha256].file for sha256 in gone}
    moved = {s: one for s, one in kept.items() if one.file in touched and s in used}
    left = {s: one for s, one in kept.items() if one.file not in touched}
    _write_packs(root, left, _read(tree, moved), above=kept.values())
    write_text(root / SOURCES, sources_table(left).text())
    for file in touched:
        (root / file).unlink(missing_ok=True)
    return len(gone)


def packs_of(tree: Tree, recordings: Iterable[str]) -> set[str]:
    """Return the packs that hold the sources of recordings, as paths in the dataset.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> packs_of(tiny_dataset().draft().tree, ["Test/left/0"])
        set()
    """
    kept = kept_sources(tree)
    sums = source_sums(tree) if kept else {}
    found = (kept.get(sums.get(name, "")) for name in recordings)
    return {one.file for one in found if one is not None}


def source_sums(tree: Tree) -> dict[str, str]:
    """Return the sha256 of each recording's source, as ``recordings.tsv`` has it."""
    path = f"{tree.where}/{RECORDINGS}"
    rows = by_column(parse_recordings(tree.text(RECORDINGS), path=path))
    return {row["recording_id"]: row["source_sha256"] for row in rows}


def _read(tree: Tree, kept: Mapping[str, Kept]) -> Iterator[tuple[str, bytes]]:
    return ((sha256, read_kept(tree, sha256, one)) for sha256, one in kept.items())


def _write_packs(
    root: Path,
    kept: dict[str, Kept],
    sources: Iterable[tuple[str, bytes]],
    *,
    above: Iterable[Kept] = (),
) -> None:
    """Write sources into packs of new numbers, and tell of each where it is."""
    files = [one.file for one in (*kept.values(), *above)]
    number = 1 + max((int(Path(file).stem) for file in files), default=-1)
    pack: dict[str, bytes] = {}
    for sha256, data in sources:
        if pack and sum(map(len, pack.values())) + len(data) > PACK_BYTES:
            number = _write_pack(root, kept, pack, number)
            pack = {}
        pack[sha256] = data
    if pack:
        _write_pack(root, kept, pack, number)


def _write_pack(root: Path, kept: dict[str, Kept], pack: Mapping[str, bytes], number: int) -> int:
    """Write one pack; return the number of the next."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for sha256, data in pack.items():
            archive.writestr(zipfile.ZipInfo(member_name(sha256), _DATE), data)
    file = f"{FOLDER}/{number:04}.zip"
    folder = DurableFolder(root)
    folder.stage(f"{FOLDER}/.gitattributes", [ATTRIBUTES.encode()])
    folder.stage(file, [made.getvalue()])
    folder.settle()
    kept |= {sha256: Kept(file, len(data)) for sha256, data in pack.items()}
    return number + 1
