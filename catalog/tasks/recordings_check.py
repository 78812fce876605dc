"""Say which recordings of a task hold something else than what it was made over."""

from collections.abc import Iterator

from catalog.dataset_version import DatasetVersion
from catalog.recording_table import by_column, parse_recordings, recording_digests
from catalog.reference import SHORT_DIGEST
from catalog.splits.record import ReadSplit
from catalog.splits.split import store_digests
from catalog.tasks.making import Versions
from catalog.tasks.opening import other_recordings
from catalog.tasks.pins import stored_recordings
from catalog.tasks.record import TaskPart
from catalog.tree import GONE_MARK, RECORDINGS
from catalog.tsv import Table
from eventstore.errors import SpikelakeError
from eventstore.findings import Finding, Severity

MOST_NAMED = 20
"""Recordings named one by one; more are counted."""


def check_recordings(
    dataset: Versions, where: str, part: TaskPart, held: ReadSplit, recordings: Table
) -> Iterator[Finding]:
    """Name the recordings whose content is not what the task was made over.

    What it was stands in a saved version that has the split as the task pins it; without one they
    cannot be named.

    Args:
        dataset: the dataset of the part.
        where: what messages call its state.
        part: the part, whose pin of the recordings does not agree.
        held: its split as it stands now.
        recordings: the recordings as they are now.
    """
    used = {held.labels[sample].recording_id for sample in held.folds}
    before = _recordings_pinned(dataset, part)
    now = {row["recording_id"]: row for row in by_column(recordings)}
    known = {row["recording_id"]: row for row in by_column(before)} if before else {}
    digests = ("digest", "side_digest")
    other = [n for n in sorted(used & set(known)) if any(known[n][c] != now[n][c] for c in digests)]
    same_events = held.found == part.split_digest
    if same_events:
        yield other_recordings(part, where)
    for name in other[:MOST_NAMED]:
        was, found = known[name]["digest"], now[name]["digest"]
        changed = f": digest {_short(found)}, was {_short(was)}" if was != found else ""
        what = "content" if changed else "side streams"
        message = f"not the {what} that the task was made over{changed}"
        yield _recording(where, name, message, same_events=same_events)
    if len(other) > MOST_NAMED:
        message = f"and {len(other) - MOST_NAMED:,} more recordings differ"
        yield _recording(where, RECORDINGS, message, same_events=same_events)
    if not other and not same_events and before is None:
        message = "the recordings of its samples differ; no saved version says which"
        yield _recording(where, RECORDINGS, message, same_events=False)


def check_stored(
    state: DatasetVersion, part: TaskPart, held: ReadSplit, *, listed: str, deep: bool
) -> Iterator[Finding]:
    """Compare the events that would be streamed with what the tables say of them.

    Args:
        state: the version of the part.
        part: the part.
        held: its split.
        listed: the pin of its recordings, from the table.
        deep: also decode the events and recompute the digests from them.
    """
    where, digests = state.tree.where, recording_digests(state.recordings)
    samples = [held.labels[sample] for sample in held.folds]
    used = {label.recording_id for label in samples}
    stored = store_digests(state.store)
    other = sorted(name for name in used if stored.get(name) != digests[name])
    for name in other[:MOST_NAMED]:
        found = _short(stored[name]) if name in stored else "none"
        message = f"digest {found} in the store, {_short(digests[name])} in {RECORDINGS}"
        yield _recording(where, name, message, same_events=False)
    if len(other) > MOST_NAMED:
        message = f"and {len(other) - MOST_NAMED:,} more recordings differ from the store"
        yield _recording(where, RECORDINGS, message, same_events=False)
    if not other and stored_recordings(samples, state.store) != listed:
        yield other_recordings(part, where)
    if deep:
        yield from _check_events(state, used)


def _check_events(state: DatasetVersion, used: set[str]) -> Iterator[Finding]:
    """Decode the events, and tell what is wrong with those used or with the whole store."""
    from eventstore.verify import check_store

    absent, withdrawn = False, False
    for finding in check_store(state.store):
        if finding.check == "missing-content" and not state.store.lost_files():
            withdrawn |= GONE_MARK in finding.message
            absent |= GONE_MARK not in finding.message
            continue
        recording = finding.where.rpartition("#")[0] or finding.where
        if recording in used or recording not in state.store.recordings:
            yield finding
    where = state.tree.where
    if withdrawn:
        yield Finding(
            severity=Severity.WARNING,
            where=where,
            message="files of it are gone, as recordings in them were withdrawn: what is recorded "
            "of its events agrees, and they cannot be read",
            check="withdrawn",
            fix="use a later version, and say so where you report results",
        )
    if absent:
        yield Finding(
            severity=Severity.ERROR,
            where=where,
            message="its events are not all on this machine, so they could not be checked",
            check="missing-content",
            fix=f"spikelake dataset get {where}; or --quick, to believe the store's digests",
        )


def _recordings_pinned(dataset: Versions, part: TaskPart) -> Table | None:
    """Return the table of recordings of a saved version that has the split as the task pins it."""
    for entry in reversed(dataset.versions()):
        if entry.splits.get(part.split) == part.split_digest:
            try:
                text = dataset.at(entry.version).tree.text(RECORDINGS)
            except SpikelakeError:
                continue  # a version that is itself not what it was: told by other checks
            return parse_recordings(text, path=RECORDINGS)
    return None


def _recording(where: str, name: str, message: str, *, same_events: bool) -> Finding:
    return Finding(
        severity=Severity.WARNING if same_events else Severity.ERROR,
        where=f"{where}: {name}",
        message=message,
        check="recordings",
        fix="ingest the original again, or make a task of another name",
    )


def _short(digest: str) -> str:
    return digest[:SHORT_DIGEST]
