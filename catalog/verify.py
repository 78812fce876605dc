"""Recompute every digest of a dataset and say what does not agree, all of it.

Names and tags are only labels; this check is what makes them trustworthy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from catalog.caught import caught
from catalog.curation.edits.growing import check_log_history
from catalog.curation.edits.log import LOG
from catalog.labels.kinds import (
    ERRATA,
    label_tables,
    read_errata,
    read_labels,
    table_facts,
    unapplied,
)
from catalog.lost_files import withdrawn_of
from catalog.recording_table import parse_recordings, recording_digests, tree_digest, wrong_facts
from catalog.reference import DRAFT
from catalog.repo import key_facts
from catalog.saving import committed_versions
from catalog.splits.leakage.report import stale_report
from catalog.splits.record import check_split
from catalog.splits.rules.grouping import some
from catalog.splits.split import store_digests
from catalog.statistics.checking import check_statistics
from catalog.tasks.record import read_task
from catalog.tombstones import refuse_returned, said_withdrawn
from catalog.tree import RECORDINGS, STORE, VERSIONS, SavedTree, Tree, WorkTree, map_path
from catalog.versions import Version, parse_versions
from eventstore.digest import sha256_file
from eventstore.errors import NotFound, SpikelakeError
from eventstore.findings import Finding, Severity, error_at
from eventstore.store import ROOT_KEY

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.remotes.remote_dataset import RemoteDataset
    from catalog.remotes.remote_tree import RemoteTree
    from catalog.tsv import Table
    from eventstore.store import EventStore


def check_dataset(dataset: "Dataset", version: str | None = None) -> list[Finding]:
    """Return everything that is wrong with a dataset's work tree and its versions.

    Args:
        dataset: the dataset.
        version: checks this version alone, and its events chunk by chunk; the work tree and all
            versions where None.

    Raises:
        NotFound: there is no such version.
    """
    if version is not None:
        if version == DRAFT:
            return list(check_work_tree(dataset))
        return list(check_version(dataset, dataset.version(version), deep=True))
    findings = list(check_work_tree(dataset))
    findings.extend(caught("dataset.yaml", "card", partial(_check_card, dataset)))
    findings.extend(caught(VERSIONS, "history", partial(check_history, dataset)))
    findings.extend(caught(LOG, "edits", partial(check_log_history, dataset)))
    for entry in dataset.versions():
        findings.extend(check_version(dataset, entry, deep=False))
    return findings


def check_work_tree(dataset: "Dataset") -> Iterator[Finding]:
    """Check store, recordings, labels and splits of the work tree against each other."""
    tree = WorkTree(dataset.root)
    described = (dataset.root / RECORDINGS).is_file()
    if not described and not (dataset.root / STORE / ROOT_KEY).is_file():
        message = "no recordings yet"
        yield Finding(severity=Severity.INFO, where=STORE, message=message, check="store")
        return
    yield from _check_state(tree, expected=None, deep=True)


def _check_card(dataset: "Dataset") -> Iterator[Finding]:
    _ = dataset.card  # reading it is the check
    yield from ()


def check_history(dataset: "Dataset") -> Iterator[Finding]:
    """Check that ``versions.json`` has only grown, and that no version's file table changed."""
    path = f"{dataset.root}/{VERSIONS}"
    tree = WorkTree(dataset.root)
    kept = {e.version: e for e in parse_versions(tree.text(VERSIONS), path=path)}
    for entry in committed_versions(dataset.repo):
        listing = map_path(entry.version)
        file = dataset.root / listing
        if not file.is_file() or sha256_file(file) != entry.references:
            message = f"the file table of version {entry.version} was changed or removed"
            fix = f"git -C {dataset.root} checkout {entry.version} -- {listing}"
            yield error_at(listing, message, "history", fix)
        if kept.get(entry.version) != entry:
            message = f"the entry of version {entry.version} was changed or removed"
            yield error_at(
                VERSIONS, message, "history", f"git -C {dataset.root} checkout HEAD -- {VERSIONS}"
            )


def check_version(dataset: "Dataset", entry: Version, *, deep: bool) -> Iterator[Finding]:
    """Check a version: its tag, its files, its digests and the bytes of its events.

    Args:
        dataset: the dataset.
        entry: what was recorded of the version.
        deep: also decode its events chunk by chunk.
    """
    try:
        tree = dataset.saved_tree(entry)
    except SpikelakeError as error:
        yield error_at(entry.version, error.message, "tag", error.hint)
        return
    if entry not in committed_versions(dataset.repo, tree.commit):
        message = f"{VERSIONS} records other facts than when the version was saved"
        fix = f"git -C {dataset.root} log -p -- {VERSIONS}"
        yield error_at(entry.version, message, "history", fix)
    yield from _check_bytes(dataset, entry, tree)
    yield from _check_state(tree, expected=entry, deep=deep)


def check_published(dataset: "RemoteDataset", version: str | None = None) -> list[Finding]:
    """Return everything that is wrong with a published version, fetching all of it once.

    Raises:
        NotFound: it is not published there.
    """
    entry = dataset.version(version)
    try:
        tree = dataset.tree(entry)
    except SpikelakeError as error:
        return [error_at(f"{dataset.root}@{entry.version}", error.message, "tag", error.hint)]
    findings = list(_check_state(tree, expected=entry, deep=True))
    told = " ".join(finding.message for finding in findings)
    for path in tree.paths():
        if not path.startswith(f"{STORE}/") and path not in told:  # the store has its own checks
            findings.extend(caught(path, "content", partial(_check_sum, tree, path)))
    return findings


def _check_sum(tree: "RemoteTree", path: str) -> Iterator[Finding]:
    tree.read(path)  # which compares its sum with the one recorded
    yield from ()


def _check_state(tree: Tree, *, expected: Version | None, deep: bool) -> Iterator[Finding]:
    where = tree.where
    digests: dict[str, str] = {}
    tables: list["Table"] = []

    def read_recordings() -> Iterator[Finding]:
        try:
            text = tree.text(RECORDINGS)
        except NotFound:
            if expected is not None:
                raise
            return  # an ingest was interrupted before it described anything: see _check_store
        tables.append(parse_recordings(text, path=RECORDINGS))
        digests.update(recording_digests(tables[0]))
        if expected is not None:
            found = tree_digest(tables[0])
            yield from _compare(f"{where}: recordings", expected.tree, found, "recordings")

    unreadable = list(caught(f"{where}: {RECORDINGS}", "recordings", read_recordings))
    yield from unreadable
    listed = None if unreadable and not tables else tables
    if deep:
        check_events = partial(_check_store, tree, listed, expected is None)
        yield from caught(f"{where}: {STORE}", "store", check_events)
    if listed is None:
        return  # what labels and splits are of cannot be told
    yield from caught(where, "withdrawn", partial(_check_returned, tree, digests))
    labels_sums = None if expected is None else expected.labels
    for name, path in label_tables(tree):
        check = partial(_check_labels, tree, name, path, sums=labels_sums, digests=digests)
        yield from caught(f"{where}: {path}", "labels", check)
    split_sums = None if expected is None else expected.splits
    for name in tree.names("splits", ".json"):
        check = partial(_check_split, tree, name, split_sums, digests)
        yield from caught(f"{where}: splits/{name}.tsv", "split", check)
    for name in tree.names("tasks", ".json"):
        check = partial(_check_task, tree, name)
        yield from caught(f"{where}: tasks/{name}.json", "task", check)


def _check_store(tree: Tree, tables: "Sequence[Table] | None", draft: bool) -> Iterator[Finding]:
    """Check the events, and against them the recordings listed; None where no list was read."""
    from eventstore.damage import RESTORE
    from eventstore.verify import check_store

    with tree.open_store() as store:
        lost = store.lost_files()
        for key in lost:
            message = "is gone, though the store's metadata counts on it"
            fix = f"git -C {tree.where} checkout HEAD -- {STORE}" if draft else RESTORE
            yield error_at(f"{tree.where}: {STORE}/{key}", message, "store", fix)
        absent: set[str] = set()
        damaged = False
        for finding in check_store(store):
            if finding.check != "missing-content":
                damaged = True
                yield finding
            elif finding.message not in absent and not any(k in finding.message for k in lost):
                absent.add(finding.message)  # once a file; a clone without it is a sound one
                get = f"spikelake dataset get {tree.where}"
                yield replace(finding, severity=Severity.INFO, fix=get)
        if not (lost or absent or damaged):
            yield from check_statistics(tree, store)
        if tables is not None:
            yield from _check_listed(tree, store, tables, draft)


def _check_listed(
    tree: Tree, store: "EventStore", tables: "Sequence[Table]", draft: bool
) -> Iterator[Finding]:
    """Hold the recordings that are listed against those in the store."""
    held = store_digests(store)
    wrong = {k: v for table in tables for k, v in wrong_facts(store, table).items()}
    digests = {k: v for table in tables for k, v in recording_digests(table).items()}
    fix = f"spikelake ingest SOURCE --into {tree.where} --resume"
    for name, said in wrong.items():
        yield error_at(f"{tree.where}: {name}", f"{RECORDINGS}: {said}", "recordings", fix)
    unlisted = set(held) - set(digests) if draft else set()
    if unlisted:  # a killed ingest leaves this: nothing is wrong, and resuming describes them
        message = f"{len(unlisted)} recordings in the store are not in {RECORDINGS} yet"
        where = f"{tree.where}: {RECORDINGS}"
        fields = {"where": where, "message": message, "fix": fix, "check": "recordings"}
        yield Finding(severity=Severity.WARNING, **fields)
    for name in sorted((set(held) | set(digests)) - unlisted):
        if held.get(name) != digests.get(name):
            message = _difference(held.get(name), digests.get(name))
            yield error_at(f"{tree.where}: {name}", message, "recordings", fix)


def _difference(held: str | None, listed: str | None) -> str:
    if held is None:
        return f"is in {RECORDINGS} and not in the store"
    if listed is None:
        return f"is in the store and not in {RECORDINGS}"
    return f"has digest {listed[:16]} in {RECORDINGS}, {held[:16]} in the store"


def _check_labels(
    tree: Tree,
    name: str,
    path: str,
    *,
    sums: Mapping[str, str] | None,
    digests: Mapping[str, str],
) -> Iterator[Finding]:
    found, recordings = table_facts(tree, name)
    if unknown := sorted(recordings - digests.keys()):
        message = f"labels {len(unknown):,} recordings that the dataset has not: {some(unknown)}"
        yield error_at(f"{tree.where}: {path}", message, "labels", "remove these rows")
    if sums is not None:
        yield from _compare(f"{tree.where}: {path}", sums.get(name, ""), found, "labels")
    if name.startswith(ERRATA):
        yield from _check_errata(tree, name.removeprefix(ERRATA), path, digests)


def _check_errata(
    tree: Tree, label_set: str, path: str, digests: Mapping[str, str]
) -> Iterator[Finding]:
    """Say which corrections a set does not hold: a kill, or a hand, left it so."""
    for patch in unapplied(read_labels(tree, label_set), read_errata(tree, label_set)):
        if patch.recording_id in digests:
            said = f"{patch.before or 'nothing'} → {patch.after or 'nothing'}"
            yield Finding(
                severity=Severity.WARNING,
                where=f"{tree.where}: {path}",
                message=f"patch {patch.number} of {patch.recording_id} ({said}) is not what "
                f"labels/{label_set}.tsv holds",
                check="errata",
                fix="correct it anew with spikelake label edit; patches stay as they are",
            )


def _check_returned(tree: Tree, digests: Mapping[str, str]) -> Iterator[Finding]:
    refuse_returned(tree, digests)
    yield from ()


def _check_split(
    tree: Tree, name: str, sums: Mapping[str, str] | None, digests: Mapping[str, str]
) -> Iterator[Finding]:
    checked = check_split(tree, name, digests)
    record = checked.record
    if checked.withdrawn:
        yield Finding(
            severity=Severity.INFO,
            where=f"{tree.where}: splits/{name}.tsv",
            message=f"{said_withdrawn(checked.withdrawn)} are left out; its digest is as frozen",
            check="withdrawn",
        )
    if sums is not None:
        where = f"{tree.where}: splits/{name}.tsv"
        yield from _compare(where, sums.get(name, ""), record.digest, "split")
    yield from stale_report(tree, name, record.digest)


def _check_task(tree: Tree, name: str) -> Iterator[Finding]:
    _ = read_task(tree, name)  # reading it is the check; `task verify` follows what it pins
    yield from ()


def _check_bytes(dataset: "Dataset", entry: Version, tree: SavedTree) -> Iterator[Finding]:
    keys = tree.keys()
    places = dataset.repo.content(keys.values())
    absent = sum(key not in places for key in keys.values())
    gone = withdrawn_of(dataset.repo, tree) if absent else []
    if absent:
        named = "recording" if len(gone) == 1 else "recordings"
        withdrawn = f"; {len(gone)} {named} of it were withdrawn, so that some are gone"
        yield Finding(
            severity=Severity.INFO,
            where=tree.where,
            message=f"the content of {absent} of {len(keys)} files is not here, so not checked"
            + (withdrawn if gone else ""),
            check="withdrawn" if gone else "content",
            fix="" if gone else f"spikelake dataset get {dataset.root}@{entry.version}",
        )
    for path, key in keys.items():
        if key in places and sha256_file(places[key]) != key_facts(key)[1]:
            message = "the stored bytes are damaged: their sha256 is not that of their key"
            fix = f"git annex fsck --key {key}"
            yield error_at(f"{tree.where}: {path}", message, "content", fix)


def _compare(where: str, expected: str, found: str, check: str) -> Iterator[Finding]:
    if expected != found:
        message = f"digest {found[:16]}, recorded was {expected[:16] or 'none'}"
        yield error_at(where, message, check, "restore the version from another clone")
