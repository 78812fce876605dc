"""What an archive says about its recordings by where it keeps them: source, fold and label."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from catalog.labels.box_table import boxes_path, boxes_table
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label, labels_table, parse_labels
from catalog.labels.kinds import box_sets, read_boxes
from catalog.recording_table import (
    Provenance,
    by_column,
    parse_recordings,
    recordings_table,
    with_column,
)
from catalog.splits.split import store_digests
from catalog.statistics.keeping import measure_store
from catalog.text_files import check_file_name, write_text
from catalog.tree import RECORDINGS, WorkTree
from catalog.tsv import Table
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, Severity
from eventstore.readers.archive import list_sources
from eventstore.readers.source_item import SourceItem

DEFAULT_BOX_SET = "boxes"
"""Name of the set of boxes that ingest fills from files beside the recordings."""


class Intake(NamedTuple):
    """Recordings about to be ingested."""

    items: list[SourceItem]
    provenance: Mapping[str, Provenance]
    labels: Mapping[str, str]
    """Label of each recording whose folder names one."""
    findings: Sequence[Finding] = ()
    """Which files were passed over."""
    columns: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    """Curator's columns, such as the speaker: column, then recording id, then value."""
    intervals: Mapping[str, Sequence[tuple[int, int, str]]] = MappingProxyType({})
    """Labelled intervals by recording id, in µs of the source's own clock."""
    repairs: tuple[str, ...] = ()
    """What to change in the events of all recordings, as their publisher's form needs it."""
    boxes: Boxes | None = None
    """Boxes beside the recordings, in µs of the source's own clock."""


def list_intake(
    sources: Sequence[Path], *, reader: str | None, labels: bool, folds: bool
) -> Intake:
    """List recordings in files, folders and zips.

    Args:
        sources: the files, folders and zips.
        reader: takes only files that this reader reads.
        labels: take each recording's folder as its label.
        folds: take a top folder that names a fold as the fold.

    Raises:
        NotFound: there is no such path, or no recording in it.
    """
    items: list[SourceItem] = []
    provenance, names = {}, {}
    findings: list[Finding] = []
    for path in sources:
        listing = list_sources(path, reader=reader)
        findings += listing.findings()
        for item in listing.items:
            items.append(item)
            fold = (item.fold or "") if folds else ""
            provenance[item.recording_id] = Provenance(item.source, fold)
            if labels and item.label is not None:
                names[item.recording_id] = item.label
    findings += _one_class(names)
    return Intake(items, provenance, names, findings)


def _one_class(names: Mapping[str, str]) -> list[Finding]:
    """Tell that all recordings get one label, as of a folder that is no class."""
    classes = set(names.values())
    if len(names) < 2 or len(classes) > 1:
        return []
    (name,) = classes
    return [
        Finding(
            severity=Severity.INFO,
            where=next(iter(names)),
            message=f"all {len(names):,} recordings are labelled {name!r}, as their folder",
            check="one-class",
            fix="if that is no class: --label-from none, or --layout NAME",
        )
    ]


def describe_intake(tree: WorkTree, intake: Intake, *, refused: bool = False) -> None:
    """Write ``recordings.tsv`` for all that the store holds, and label what has no label yet.

    What is known of a recording stays: a fold that the curator set, and the file it first came
    from. An archive that was refused says nothing of recordings described before.

    Args:
        tree: the dataset's folder.
        intake: what the archives say.
        refused: the ingest failed, so what is described already did not come from this intake.
    """
    file = tree.root / RECORDINGS
    known = parse_recordings(tree.text(RECORDINGS), path=str(file)) if file.is_file() else None
    described = {row["recording_id"]: row for row in by_column(known)} if known else {}
    if refused:
        intake = _of_others(intake, described.keys())
    with tree.open_store() as store:
        digests = store_digests(store)
        provenance = _keep_known(intake.provenance, described, digests)
        new = {k for k, sha in digests.items() if described.get(k, {}).get("digest") != sha}
        measured = measure_store(tree.root, store, only=new)
        table = recordings_table(store, known=known, provenance=provenance, statistics=measured)
    table = _with_columns(table, intake.columns)
    write_text(file, table.text())
    path = f"labels/{DEFAULT_LABEL_SET}.tsv"
    has = DEFAULT_LABEL_SET in tree.names("labels", ".tsv")
    labels = list(parse_labels(tree.text(path), path=path).values()) if has else []
    labelled = {label.recording_id for label in labels}
    for row in by_column(table):
        if row["recording_id"] not in labelled:
            labels += _labels_of(row, intake)
    if labels:
        write_labels(tree, labels, DEFAULT_LABEL_SET)
    if intake.boxes is not None and len(intake.boxes):
        _add_boxes(tree, intake.boxes, {r["recording_id"]: r for r in by_column(table)})


def _add_boxes(tree: WorkTree, boxes: Boxes, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Add the boxes of recordings that are there and have none yet, from the recording's start."""
    known = [read_boxes(tree, DEFAULT_BOX_SET)] if DEFAULT_BOX_SET in box_sets(tree) else []
    labelled = {name for table in known for name in table.recording_ids}
    new = boxes.without([n for n in boxes.recording_ids if n not in rows or n in labelled])
    if not len(new):
        return
    origins = np.array([int(rows[name]["t_origin_us"]) for name in new.recording_ids], np.int64)
    shifted = replace(new, t=np.maximum(new.t - origins[new.recording], 0))
    text = boxes_table(Boxes.joined([*known, shifted])).text()
    write_text(tree.root / boxes_path(DEFAULT_BOX_SET), text)


def _with_columns(table: Table, columns: Mapping[str, Mapping[str, str]]) -> Table:
    """Fill in curators' columns; a value that stands there already is the curator's."""
    here = set(table.column("recording_id"))
    for column, values in columns.items():
        names = table.column("recording_id")
        has = column in table.columns
        known = dict(zip(names, table.column(column), strict=True)) if has else {}
        new = {k: v for k, v in values.items() if k in here and not known.get(k)}
        table = with_column(table, column, new) if new else table
    return table


def _labels_of(row: Mapping[str, str], intake: Intake) -> list[Label]:
    """Return a recording's labels: of its intervals, or of the whole of it."""
    name, stop = row["recording_id"], int(row["t_stop_us"])
    origin = int(row["t_origin_us"])
    labels = [
        Label(name, max(start - origin, 0), end - origin, label)
        for start, end, label in intake.intervals.get(name, ())
        if end > origin
    ]
    if name in intake.labels:
        labels.append(Label(name, 0, stop, intake.labels[name]))
    return labels


def _of_others(intake: Intake, described: Collection[str]) -> Intake:
    return intake._replace(
        provenance={k: v for k, v in intake.provenance.items() if k not in described},
        labels={k: v for k, v in intake.labels.items() if k not in described},
        intervals={k: v for k, v in intake.intervals.items() if k not in described},
        boxes=None if intake.boxes is None else intake.boxes.without(list(described)),
        columns={
            column: {k: v for k, v in values.items() if k not in described}
            for column, values in intake.columns.items()
        },
    )


def _keep_known(
    provenance: Mapping[str, Provenance],
    described: Mapping[str, Mapping[str, str]],
    digests: Mapping[str, str],
) -> dict[str, Provenance]:
    """Fill in only what is not known of the recordings that are the same as before."""
    kept = {}
    for name, new in provenance.items():
        row = described.get(name, {})
        same = "digest" in row and row["digest"] == digests.get(name)
        source, fold = (row["source"], row["fold"]) if same else ("", "")
        kept[name] = Provenance(source or new.source, fold or new.fold)
    return kept


def write_labels(tree: WorkTree, labels: Iterable[Label], label_set: str) -> None:
    """Replace a label set.

    Raises:
        FormatError: two labels are for one interval, or one runs backwards.
        InvalidInput: a label is for a recording that the dataset has not.
    """
    check_file_name(label_set)
    path = f"labels/{label_set}.tsv"
    text = labels_table(labels).text()
    parsed = parse_labels(text, path=path)
    known = set(parse_recordings(tree.text(RECORDINGS)).column("recording_id"))
    unknown = sorted({label.recording_id for label in parsed.values()} - known)
    if unknown:
        message = f"{len(unknown)} labelled recordings are not there, such as {unknown[0]}"
        raise InvalidInput(message, hint="ingest them first")
    write_text(tree.root / path, text)
