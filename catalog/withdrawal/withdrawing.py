"""Withdraw recordings: from the work tree, then their bytes from every place that is known.

    withdrawn.tsv          tombstones, with what frozen splits need to stay checkable
    events.zarr, tables    without the recordings; splits keep their rows
    a version              saved: the state that is sound from now on
    published places       the new version, then the files of old ones that held the bytes go
    git-annex's remotes    the same content
    this repository        the same, and what no branch or tag refers to; declared dead

Killed at any moment, the same command goes on: recordings are found in the old versions' tables,
which git keeps, and what is gone already is no hindrance. Files of old versions that held other
recordings, too, go with them: the new version has those.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from catalog.labels.kinds import label_sets, read_labels
from catalog.removal import tables_without
from catalog.repo import key_facts
from catalog.saving import set_missing_tags
from catalog.sources.keeping import drop_sources
from catalog.text_files import decode_text, write_text
from catalog.tombstones import (
    WITHDRAWN,
    Tombstone,
    mark_of,
    parse_tombstones,
    read_tombstones,
    tombstones_table,
)
from catalog.tree import LEAKAGE_SUFFIX, STORE, Tree, WorkTree
from catalog.tsv import Table
from catalog.withdrawal.annexed import purge_annex
from catalog.withdrawal.places import Held, git_held, held_by_versions
from catalog.withdrawal.published import affected, purge_remote
from eventstore.errors import Conflict
from eventstore.findings import Finding
from eventstore.making import locked
from eventstore.rewrite import remove_recordings

if TYPE_CHECKING:
    from catalog.dataset import Dataset

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings done, recordings in all, events done) while the store is rewritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalReport:
    """What was withdrawn, from where, and what is left to do.

    Args:
        recordings: ids of the recordings.
        version: the version that is without them; empty in a dry run that would save one.
        removed: how many of them were in the work tree.
        versions: saved versions that had them, and do not open whole any more.
        n_files: files of these versions that held them.
        n_bytes: their size.
        shared: other recordings in these files, which old versions lose too and the new one has.
        splits: frozen splits that list them, with how many samples.
        published: places that old files were removed from, or would be.
        remotes: git-annex's remotes that were reached.
        findings: what could not be reached, each with what to do.
    """

    recordings: tuple[str, ...]
    version: str
    removed: int
    versions: tuple[str, ...]
    n_files: int
    n_bytes: int
    shared: tuple[str, ...]
    splits: dict[str, int]
    published: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {**asdict(self), "findings": [finding.to_dict() for finding in self.findings]}


def withdraw_recordings(
    dataset: "Dataset",
    ids: Sequence[str],
    *,
    again: str = "the same command again",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> WithdrawalReport:
    """Withdraw recordings; afterwards the dataset verifies, and no known place has their bytes.

    Args:
        dataset: the dataset.
        ids: recordings, as `catalog.withdrawal.finding.find_recordings` finds them.
        again: the command that repeats it, for findings.
        dry_run: only say what would be done.
        progress: told (done, all, events) while the store is rewritten.

    Raises:
        Conflict: there are changes that were not saved, or a writer is at work.
        InvalidInput: git has no identity.
        IntegrityError: stored bytes to be encoded anew are damaged; nothing was changed.
        MissingContent: they are not on this machine; nothing was changed.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> saved = ds.save("1.0.0")
        >>> report = withdraw_recordings(ds, ["Train/left/0"])
        >>> report.version, report.versions, report.findings
        ('2.0.0', ('1.0.0',), ())
        >>> len(ds.absent("1.0.0")), ds.draft().store.n_recordings
        (4, 5)
    """
    dataset.repo.require_identity()
    check_saved(dataset, ids)
    held, findings = held_by_versions(dataset, ids)
    tree = WorkTree(dataset.root)
    splits = _listed(tree, set(ids))
    present = [name for name in ids if name in dataset.draft().store.recordings]
    places = affected(dataset, (one.version for one in held))
    version = dataset.version_name(None)
    if not dry_run:
        version = _save_without(dataset, ids, progress)
        findings += git_held(dataset, held)
        reached, more = _purge(dataset, held, again)
        findings += more
    else:
        reached = []
        version = "" if present else version
    keys = {key for one in held for key in one.keys.values()}
    others = {name for one in held for name in one.shared} - set(ids)
    with dataset.draft().store as store:
        others &= set(store.recordings.ids)
    return WithdrawalReport(
        recordings=tuple(ids),
        version=version,
        removed=len(present),
        versions=tuple(one.version for one in held),
        n_files=len(keys),
        n_bytes=sum(key_facts(key)[0] for key in keys),
        shared=tuple(sorted(others)),
        splits=splits,
        published=tuple(remote.url for remote in places),
        remotes=tuple(reached),
        findings=tuple(findings),
    )


def check_saved(dataset: "Dataset", ids: Sequence[str]) -> None:
    """Refuse where changes wait to be saved, unless they are of this withdrawal, cut off before.

    Raises:
        Conflict: there are some.
    """
    if not dataset.versions():
        message = f"{dataset.root} has no saved version, so its work tree alone has the recordings"
        hint = f"spikelake dataset remove-recording {dataset.root} ID… is enough"
        raise Conflict(message, hint=hint)
    changed = dataset.repo.changed()
    marks = {mark_of(name) for name in ids}
    begun = marks & set(read_tombstones(WorkTree(dataset.root))) - set(_committed(dataset))
    if changed and not begun:
        message = f"{dataset.root} has changes that no version has, such as {changed[0]}"
        hint = f"save them first: spikelake dataset save {dataset.root}"
        raise Conflict(message, hint=hint)


def _committed(dataset: "Dataset") -> dict[str, Tombstone]:
    blob = dataset.repo.blobs("HEAD", [WITHDRAWN]).get(WITHDRAWN)
    return parse_tombstones(decode_text(blob, WITHDRAWN), path=WITHDRAWN) if blob else {}


def _save_without(dataset: "Dataset", ids: Sequence[str], progress: Progress | None) -> str:
    """Remove recordings from the work tree and save the version that is without them."""
    root, gone = dataset.root, set(ids)
    set_missing_tags(dataset.repo, dataset.versions())
    with locked(root / STORE):
        tree = WorkTree(root)
        known = read_tombstones(tree)
        new = _tombstones(dataset, [name for name in ids if mark_of(name) not in known])
        if new:
            text = tombstones_table([*known.values(), *new]).text()
            write_text(root / WITHDRAWN, text)
        with dataset.draft().store as store:
            present = [name for name in ids if name in store.recordings]
    drop_sources(root, gone)
    remove_recordings(root / STORE, present, progress=progress)
    with locked(root / STORE):
        tree = WorkTree(root)
        for path, table in tables_without(tree, gone):
            write_text(root / path, table.text())
        for name in _listed(tree, gone):  # a report on a split names samples
            (root / "splits" / f"{name}{LEAKAGE_SUFFIX}.json").unlink(missing_ok=True)
    if not dataset.repo.changed():
        return dataset.version_name(None)
    n = len(ids)
    return dataset.save(None, f"{n} recording{'' if n == 1 else 's'} withdrawn").version


def _tombstones(dataset: "Dataset", ids: Sequence[str]) -> list[Tombstone]:
    """Return tombstones of recordings; of what only old versions have, no more than that."""
    tree, today = WorkTree(dataset.root), datetime.now(UTC).date().isoformat()
    samples = _frozen_samples(tree, set(ids))
    sets = {name: read_labels(tree, name) for name in label_sets(tree)}
    with dataset.draft().store as store:
        rows = store.recordings
        digests = {name: rows.digests[rows.row(name)].hex() for name in ids if name in rows}
    found = []
    for name in ids:
        labels: dict[str, dict[str, str]] = {}
        for label_set, sample in samples.get(name, ()):
            if sample in sets.get(label_set, {}):
                times = sample.rpartition("#")[2]
                labels.setdefault(label_set, {})[times] = sets[label_set][sample].label
        digest = digests.get(name, "") if labels else ""
        found.append(Tombstone(mark_of(name), today, digest, labels))
    return found


def _frozen_samples(tree: Tree, ids: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return label set and id of the samples that splits list, by recording."""
    from catalog.splits.record import SplitRecord

    found: dict[str, list[tuple[str, str]]] = {}
    for name in tree.names("splits", ".json"):
        path = f"splits/{name}.json"
        label_set = SplitRecord.parse(tree.text(path), path=path).label_set
        for sample in _samples(tree, name):
            recording = sample.rpartition("#")[0]
            if recording in ids:
                found.setdefault(recording, []).append((label_set, sample))
    return found


def _listed(tree: Tree, ids: set[str]) -> dict[str, int]:
    """Return how many samples of recordings each frozen split lists, where it lists any."""
    names = tree.names("splits", ".json")
    counts = {n: sum(s.rpartition("#")[0] in ids for s in _samples(tree, n)) for n in names}
    return {name: count for name, count in counts.items() if count}


def _samples(tree: Tree, split: str) -> list[str]:
    path = f"splits/{split}.tsv"
    return Table.parse(tree.text(path), path=path).column("sample_id")


def _purge(dataset: "Dataset", held: Iterable[Held], again: str) -> tuple[list[str], list[Finding]]:
    """Take the files out of published places, of git-annex's remotes, and of this repository."""
    last = dataset.version(None)
    needed = set(dataset.saved_tree(last).keys().values())  # never what the new version has
    keys = {key for one in held for key in one.keys.values()} - needed
    sums = {one.version: one.sums - {key_facts(key)[1] for key in needed} for one in held}
    findings: list[Finding] = []
    for remote in affected(dataset, sums):
        _, more = purge_remote(dataset, remote, sums, again)
        findings += more
    reached, more = purge_annex(dataset, keys, again)
    return reached, [*findings, *more]
