"""Recompute every digest of a task and say what does not agree, all of it.

The chain is recording → labels → split → version → task; a finding names the link that broke.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from catalog.caught import caught
from catalog.dataset_version import DatasetVersion
from catalog.labels.kinds import label_digests
from catalog.recording_table import recording_digests, tree_digest
from catalog.reference import SHORT_DIGEST
from catalog.splits.record import ReadSplit, read_split
from catalog.tasks.making import Lookup, Versions
from catalog.tasks.opening import part_state, withdrawn_samples, wrong_pins
from catalog.tasks.pins import Pins, table_pins
from catalog.tasks.record import TaskPart, parse_task
from catalog.tasks.recordings_check import check_recordings, check_stored
from catalog.tree import STORE
from eventstore.findings import Finding, error_at


def check_task(
    dataset: Versions,
    state: DatasetVersion,
    name: str,
    lookup: Lookup,
    *,
    digest: str | None = None,
    deep: bool = True,
) -> list[Finding]:
    """Return everything about a task that is not what it was frozen as.

    Args:
        dataset: the dataset that the task lies in.
        state: its version to check the task in.
        name: name of the task.
        lookup: finds other datasets by their name.
        digest: first digits that a reference gives for the task's digest.
        deep: also decode the recordings and recompute their digests from the events.

    Raises:
        NotFound: there is no such task.
        FormatError: its file is not the record of a task.
    """
    record = parse_task(state.tree, name)
    where = f"{state.tree.where}/task:{name}"
    findings = []
    found = record.content_digest
    if found != record.digest:
        message = f"tasks/{name}.json was edited: its digest is {_short(found)}, it says "
        fix = f"git -C {dataset.root} log -p -- tasks/{name}.json"
        findings.append(error_at(where, message + _short(record.digest), "task", fix))
    if digest is not None and not record.digest.startswith(digest):
        message = f"the task has digest {record.digest[: len(digest)]}, the reference says {digest}"
        fix = "cite the version that the digest was taken from"
        findings.append(error_at(where, message, "task", fix))
    for part in record.parts:
        run = partial(_check_part, dataset, state, part, lookup, deep=deep)
        findings.extend(caught(f"{where}: {part}", "task", run))
    return findings


def _check_part(
    home: Versions, state: DatasetVersion, part: TaskPart, lookup: Lookup, *, deep: bool
) -> Iterator[Finding]:
    its = part_state(part, state, lookup)
    dataset = home if part.home else lookup(part.dataset)
    where = its.tree.where
    if its.version is not None:
        yield from caught(f"{where}: version", "version", partial(_check_version, its, part))
    recordings = its.recordings
    digests = recording_digests(recordings)
    held = read_split(its.tree, part.split, digests)
    pins = table_pins(held.found, held.folds, held.labels, recordings)
    listed = pins.recordings
    if held.withdrawn:
        yield withdrawn_samples(part, where, held.withdrawn)
        pins = _pins_less(pins, part, held)
    yield from _check_split(dataset, where, part, held, pins)
    if pins.recordings != part.recordings:
        yield from check_recordings(dataset, where, part, held, recordings)
    in_store = partial(check_stored, its, part, held, listed=listed, deep=deep)
    yield from caught(f"{where}: {STORE}", "recordings", in_store)


def _pins_less(pins: Pins, part: TaskPart, held: ReadSplit) -> Pins:
    """Return pins without those that cannot be recomputed, as they are over what was withdrawn.

    The digest of the split, which can, is over labels and events of all samples that are left.
    """
    same = held.found == part.split_digest
    return pins._replace(labels=part.labels, recordings=part.recordings) if same else pins


def _check_version(state: DatasetVersion, part: TaskPart) -> Iterator[Finding]:
    """Recompute the digest of a version from its tables, and compare it with what is recorded."""
    entry, where = state.version, state.tree.where
    if entry is None:
        return
    digests = recording_digests(state.recordings)
    found = replace(
        entry,
        tree=tree_digest(state.recordings),
        labels=label_digests(state.tree),
        splits={name: read_split(state.tree, name, digests).found for name in state.splits},
    ).digest
    if found != entry.digest:
        message = f"its tables have digest {_short(found)}, recorded was {_short(entry.digest)}"
        yield error_at(where, message, "version", f"spikelake dataset verify {where}")
    for message in wrong_pins(part, version=entry.digest, split=part.split_digest):
        fix = f"take version {entry.version} from where the task was made"
        yield error_at(where, message, "version", fix)


def _check_split(
    dataset: Versions, where: str, part: TaskPart, held: ReadSplit, pins: Pins
) -> Iterator[Finding]:
    """Say which of rows, labels and recordings make a split another one."""
    record, root = held.record, dataset.root
    if record.digest != part.split_digest:
        said = f"the split says its digest is {_short(record.digest)}, the task pins "
        fix = f"git -C {root} log -p -- splits/{part.split}.json"
        yield error_at(
            f"{where}: splits/{part.split}.json", said + _short(part.split_digest), "split", fix
        )
    if pins.labels != part.labels:
        path = f"labels/{record.label_set}.tsv"
        message = f"the labels of its samples have digest {_short(pins.labels)}, the task pins "
        fix = f"git -C {root} log -p -- {path}"
        yield error_at(f"{where}: {path}", message + _short(part.labels), "labels", fix)
    same_sources = pins.labels == part.labels and pins.recordings == part.recordings
    if held.found != part.split_digest:
        rows = "its rows were edited; " if same_sources else ""
        message = f"{rows}digest {_short(held.found)}, the task pins {_short(part.split_digest)}"
        fix = f"git -C {root} log -p -- splits/{part.split}.tsv"
        yield error_at(f"{where}: splits/{part.split}.tsv", message, "split", fix)


def _short(digest: str) -> str:
    return digest[:SHORT_DIGEST] or "none"
