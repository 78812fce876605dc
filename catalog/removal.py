"""Remove recordings from a dataset: from its store, its table of recordings and its labels.

    sources of sound           their packs, anew without them
    events.zarr                rewritten without them, at once
    splits that list them      out of the work tree, where that is asked for; else nothing is done
    recordings.tsv, labels     their rows, those of statistics.tsv, biases.tsv

Killed in between, the same command comes to the end. Saved versions keep what they have.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from catalog.biases import BIASES, biases_table, parse_biases
from catalog.labels.box_table import boxes_path, boxes_table
from catalog.labels.intervals import Label, labels_table, parse_labels
from catalog.labels.kinds import box_sets, read_boxes
from catalog.recording_table import parse_recordings
from catalog.repo import key_facts
from catalog.sources.keeping import drop_sources
from catalog.sources.table import FOLDER
from catalog.statistics.keeping import known_statistics
from catalog.statistics.table import STATISTICS
from catalog.text_files import decode_text, write_text
from catalog.tombstones import withdrawn_among
from catalog.tree import RECORDINGS, STORE, WorkTree, map_path, parse_map
from catalog.tsv import Table
from eventstore.errors import Conflict, NotFound
from eventstore.making import locked
from eventstore.rewrite import remove_recordings

if TYPE_CHECKING:
    from catalog.dataset import Dataset

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings done, recordings in all, events done) while the store is rewritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalReport:
    """What was removed from a dataset, and where it still is.

    Args:
        removed: ids of the recordings.
        n_events: their events.
        n_labels: their labels, of all sets.
        n_boxes: their boxes, of all sets.
        splits: splits that list them; taken out of the work tree.
        versions: saved versions that still have them.
        held_keys: keys of annexed files that only those versions need, and that are here.
        held_bytes: how large they are.
    """

    removed: tuple[str, ...]
    n_events: int
    n_labels: int
    splits: tuple[str, ...]
    versions: tuple[str, ...]
    n_boxes: int = 0
    held_keys: tuple[str, ...] = ()
    held_bytes: int = 0

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


def remove_from_dataset(
    dataset: "Dataset",
    ids: Sequence[str],
    *,
    drop_splits: bool = False,
    progress: Progress | None = None,
) -> RemovalReport:
    """Remove recordings from the work tree of a dataset.

    Args:
        dataset: the dataset.
        ids: recordings to remove.
        drop_splits: take splits that list one of them out of the work tree.
        progress: told (done, all, events) while the store is rewritten.

    Raises:
        NotFound: no such recording; nothing was changed.
        Conflict: a split lists one and ``drop_splits`` is off, or a writer is at work.
        IntegrityError: stored bytes to be encoded anew are damaged; the store was not changed.
        MissingContent: they are not on this machine; the store was not changed.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> remove_from_dataset(ds, ["Train/left/0"]).n_labels
        1
        >>> ds.draft().store.n_recordings
        5
    """
    plan = plan_removal(dataset, ids, drop_splits=drop_splits)
    root, gone = dataset.root, set(plan.removed)
    with dataset.draft().store as store:
        present = [name for name in plan.removed if name in store.recordings]
    drop_sources(root, gone)  # first: where one cannot be had, nothing is done
    remove_recordings(root / STORE, present, progress=progress)
    with locked(root / STORE):
        drop_split_files(root, plan.splits)
        tree = WorkTree(root)
        for path, table in tables_without(tree, gone):
            write_text(root / path, table.text())
    keys = _held_keys(dataset, plan.versions)
    n_bytes = sum(key_facts(key)[0] for key in keys)
    return replace(plan, held_keys=tuple(sorted(keys)), held_bytes=n_bytes)


def drop_split_files(root: Path, splits: Iterable[str]) -> None:
    """Take splits out of a work tree, with the reports on them."""
    for name in splits:
        for suffix in ("json", "tsv", "leakage.json"):
            (root / "splits" / f"{name}.{suffix}").unlink(missing_ok=True)


def plan_removal(
    dataset: "Dataset", ids: Sequence[str], *, drop_splits: bool = False
) -> RemovalReport:
    """Return what would be removed, checking all and changing nothing.

    Raises:
        NotFound: no such recording.
        Conflict: a split lists one and ``drop_splits`` is off.
    """
    tree, gone = WorkTree(dataset.root), set(ids)
    with dataset.draft().store as store:
        held = store.recordings
        rows = [held.row(name) for name in gone if name in held]
        n_events, known = int(held.row_size[rows].sum()), set(held.ids)
    labels = {name: _labels(tree, name) for name in tree.names("labels", ".tsv")}
    boxes = [read_boxes(tree, name) for name in box_sets(tree)]
    known |= {label.recording_id for of in labels.values() for label in of}
    known |= {name for table in boxes for name in table.recording_ids}
    known |= set(_recordings(tree).column("recording_id"))
    for name in ids:
        if name not in known:
            missing = NotFound.among("recording", name, known)
            raise missing
    frozen = gone - set(withdrawn_among(tree, gone))  # splits are sound without what has a stone
    splits = [name for name in tree.names("splits", ".tsv") if _lists(tree, name, frozen)]
    if splits and not drop_splits:
        named = ", ".join(repr(name) for name in splits)
        message = f"{len(splits)} frozen splits of {dataset.root} list the recordings: {named}"
        hint = (
            "--drop-splits takes them out of the work tree (saved versions keep them); "
            "make splits of other names then"
        )
        raise Conflict(message, hint=hint)
    return RemovalReport(
        removed=tuple(sorted(gone)),
        n_events=n_events,
        n_labels=sum(label.recording_id in gone for of in labels.values() for label in of),
        n_boxes=sum(len(table) - len(table.without(gone)) for table in boxes),
        splits=tuple(splits),
        versions=tuple(_versions_with(dataset, gone)),
    )


def tables_without(tree: WorkTree, gone: AbstractSet[str]) -> Iterator[tuple[str, Table]]:
    """Yield the tables that list some recordings, without them."""
    table = _recordings(tree)
    at = table.columns.index("recording_id")
    kept = tuple(row for row in table.rows if row[at] not in gone)
    if len(kept) < len(table.rows):
        yield RECORDINGS, Table(table.columns, kept)
    measured = known_statistics(tree.root)
    if measured is not None and not gone.isdisjoint(measured.column("recording_id")):
        rows = tuple(row for row in measured.rows if row[0] not in gone)
        yield STATISTICS, Table(measured.columns, rows)
    if "biases" in tree.names("", ".tsv"):
        biases = parse_biases(tree.text(BIASES), path=f"{tree.where}/{BIASES}")
        if not gone.isdisjoint(biases):
            kept_biases = {name: its for name, its in biases.items() if name not in gone}
            yield BIASES, biases_table(kept_biases)
    for name in tree.names("labels", ".tsv"):
        labels = _labels(tree, name)
        others = [label for label in labels if label.recording_id not in gone]
        if len(others) < len(labels):
            yield f"labels/{name}.tsv", labels_table(others)
    for name in box_sets(tree):
        boxes = read_boxes(tree, name)
        if not set(gone).isdisjoint(boxes.recording_ids):
            yield boxes_path(name), boxes_table(boxes.without(gone))


def _recordings(tree: WorkTree) -> Table:
    return parse_recordings(tree.text(RECORDINGS), path=f"{tree.where}/{RECORDINGS}")


def _labels(tree: WorkTree, name: str) -> list[Label]:
    path = f"labels/{name}.tsv"
    return list(parse_labels(tree.text(path), path=f"{tree.where}/{path}").values())


def _lists(tree: WorkTree, split: str, ids: Collection[str]) -> bool:
    """Say whether a split has a sample of one of the recordings."""
    path = f"splits/{split}.tsv"
    samples = Table.parse(tree.text(path), path=f"{tree.where}/{path}").column("sample_id")
    return any(sample.rpartition("#")[0] in ids for sample in samples)


def _versions_with(dataset: "Dataset", ids: Collection[str]) -> Iterator[str]:
    """Yield the saved versions whose table lists one of the recordings."""
    for version in dataset.versions():
        text = _saved(dataset, version.version, RECORDINGS)
        if text and not set(ids).isdisjoint(parse_recordings(text).column("recording_id")):
            yield version.version


def _held_keys(dataset: "Dataset", versions: Collection[str]) -> set[str]:
    """Return the keys that are here for the stores of versions and not for the work tree's."""
    keys = set()
    for version in versions:
        path = map_path(version)
        text = _saved(dataset, version, path)
        files = parse_map(text, path) if text else {}
        keys |= {str(facts["key"]) for facts in files.values() if "key" in facts}
    inside = (file for of in (STORE, FOLDER) for file in (dataset.root / of).rglob("*"))
    links = (file for file in inside if file.is_symlink())
    keys -= {file.readlink().name for file in links}
    return set(dataset.repo.content(keys))


def _saved(dataset: "Dataset", version: str, path: str) -> str:
    """Return the text of a file as a version has it; empty where it has none, or no tag."""
    commit = dataset.repo.commit(f"refs/tags/{version}")
    blobs = dataset.repo.blobs(commit, [path]) if commit else {}
    return decode_text(blobs[path], path) if path in blobs else ""
