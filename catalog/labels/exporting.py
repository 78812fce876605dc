"""Export a label set into files of other tools, each there whole or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from catalog.labels.boxes import Boxes
from catalog.labels.formats import LABEL_FORMATS
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFormat,
    RecordingLabels,
    Times,
    Written,
)
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.labels.kinds import box_sets, label_sets, read_boxes, read_labels
from catalog.recording_table import by_column, parse_recordings
from catalog.tree import RECORDINGS, Tree
from eventstore.durable import DurableFolder
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.findings import Finding

Kind: TypeAlias = Literal["intervals", "boxes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """Files to be written.

    Args:
        kind: what is exported.
        files: content of each file, by its path below the folder.
        n_rows: intervals or boxes in them.
        findings: what had to be made to fit.
    """

    kind: Kind
    files: dict[str, bytes]
    n_rows: int
    findings: tuple[Finding, ...]

    def write(self, folder: Path, *, force: bool = False) -> None:
        """Write the files.

        Args:
            folder: where to; made where it is absent.
            force: replace files that are there.

        Raises:
            AlreadyExists: one of them is there; none was written.
        """
        there = [path for path in self.files if (folder / path).exists()]
        if there and not force:
            message = f"{len(there)} of {len(self.files)} files are there already: {there[0]}"
            raise AlreadyExists(message, hint="choose another folder, or --force")
        folder.mkdir(parents=True, exist_ok=True)
        durable = DurableFolder(folder)
        for path, data in self.files.items():
            durable.stage(path, [data])
        durable.settle()


def plan_export(
    tree: Tree,
    format_name: str,
    options: FormatOptions,
    *,
    label_set: str = DEFAULT_LABEL_SET,
    kind: Kind | None = None,
    recordings: Sequence[str] = (),
    times: Times | None = None,
) -> ExportPlan:
    """Return the files that a label set makes in a format.

    Args:
        tree: the state of the dataset.
        format_name: the format.
        options: what its writer has to be told.
        label_set: the set.
        kind: intervals or boxes; may be None where only one of them is possible.
        recordings: recordings to export; all of the set where empty.
        times: what times shall count from; what the format says where None.

    Raises:
        NotFound: no such format, set or recording.
        InvalidInput: a label has no place in the format, or the kind has to be said.
    """
    form = LABEL_FORMATS[format_name]
    what = _kind(tree, form, label_set, kind)
    table = parse_recordings(tree.text(RECORDINGS), path=f"{tree.where}/{RECORDINGS}")
    rows = {row["recording_id"]: row for row in by_column(table)}
    labels = _by_recording(read_labels(tree, label_set)) if what == "intervals" else {}
    boxes = read_boxes(tree, label_set) if what == "boxes" else None
    labelled = set(labels) | set(boxes.recording_ids if boxes is not None else ())
    names = _asked(recordings, labelled, label_set)
    absolute = (times or form.times) is Times.SOURCE
    parts = []
    for name in names:
        row = rows[name]
        shift = int(row["t_origin_us"]) if absolute else 0
        parts.append(
            RecordingLabels(
                recording_id=name,
                source=row["source"],
                t_stop_us=int(row["t_stop_us"]),
                width=int(row["width"]),
                height=int(row["height"]),
                labels=tuple(_shifted(label, shift) for label in labels.get(name, ())),
                boxes=None if boxes is None else _shifted_boxes(boxes.of_recording(name), shift),
            )
        )
    written = list(_written(form, parts, options))
    return ExportPlan(
        kind=what,
        files={path: one.data for path, one in written},
        n_rows=sum(len(p.labels) + (0 if p.boxes is None else len(p.boxes)) for p in parts),
        findings=tuple(finding for _, one in written for finding in one.findings),
    )


def _written(
    form: LabelFormat, parts: Sequence[RecordingLabels], options: FormatOptions
) -> Iterator[tuple[str, Written]]:
    if form.lists_recordings:
        yield form.ending, form.write(parts, options)
        return
    for part in parts:
        yield _file_name(part.recording_id) + form.ending, form.write([part], options)


def _file_name(recording_id: str) -> str:
    """Return a recording's path below the folder of an export, which it never leaves.

    Raises:
        InvalidInput: its id would be a path elsewhere.
    """
    pure = PurePosixPath(recording_id)
    if pure.is_absolute() or ".." in pure.parts or not pure.name or "\0" in recording_id:
        message = f"recording {recording_id!r} cannot name a file below a folder"
        raise InvalidInput(message, hint="export the other recordings: --recording ID")
    return str(pure)


def _kind(tree: Tree, form: LabelFormat, label_set: str, kind: Kind | None) -> Kind:
    sets: dict[Kind, list[str]] = {"intervals": label_sets(tree), "boxes": box_sets(tree)}
    if kind is not None and kind not in form.kinds:
        message = f"format {form.name} holds {' and '.join(sorted(form.kinds))}, not {kind}"
        raise InvalidInput(message, hint="export them in another format")
    asked = form.kinds if kind is None else {kind}
    found = [one for one in sets if one in asked and label_set in sets[one]]
    if not found:
        known = sorted({name for one in sets if one in asked for name in sets[one]})
        missing = NotFound.among(f"set of {' or '.join(sorted(asked))}", label_set, known)
        raise missing
    if len(found) > 1:
        message = f"the set {label_set!r} has intervals and boxes, and {form.name} holds either"
        raise InvalidInput(message, hint="say which: --kind intervals or --kind boxes")
    return found[0]


def _by_recording(labels: dict[str, Label]) -> dict[str, list[Label]]:
    found: dict[str, list[Label]] = {}
    for label in labels.values():
        found.setdefault(label.recording_id, []).append(label)
    return found


def _asked(recordings: Sequence[str], labelled: set[str], label_set: str) -> list[str]:
    for name in recordings:
        if name not in labelled:
            what = f"recording with labels in the set {label_set!r}:"
            missing = NotFound.among(what, name, labelled)
            raise missing
    return sorted(set(recordings) or labelled)


def _shifted(label: Label, shift: int) -> Label:
    return label._replace(t_start_us=label.t_start_us + shift, t_stop_us=label.t_stop_us + shift)


def _shifted_boxes(boxes: Boxes, shift: int) -> Boxes:
    return replace(boxes, t=boxes.t + shift)
