"""Import files of labels into a dataset: work out what a set becomes, say what is odd, write it.

A recording's labels of a set are taken over whole: a recording that has none yet gets them; one
that has others is refused, unless they are to be replaced. Errata of the set are applied to what
comes in, so that importing the flawed original again gives the corrected labels again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.labels.box_checks import check_boxes
from catalog.labels.box_table import boxes_digest
from catalog.labels.boxes import Boxes
from catalog.labels.checks import check_intervals, check_twice
from catalog.labels.errata import Patch, apply_patches
from catalog.labels.interpret import ImportOptions, Interpreted, Recordings, interpret_files
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.labels.kinds import box_sets, read_boxes, read_errata, read_labels, unapplied
from catalog.recording_table import parse_recordings
from catalog.text_files import check_file_name
from catalog.tree import RECORDINGS, STORE, Tree, WorkTree
from eventstore.errors import AlreadyExists, Conflict
from eventstore.findings import Finding, Severity, has_errors
from eventstore.making import locked

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import makes of a label set.

    Args:
        label_set: the set.
        labels: all labels it then has; None where its intervals stay as they are.
        boxes: all boxes it then has; None where its boxes stay.
        n_labels: the intervals in the files.
        n_boxes: the boxes in the files.
        n_patches: corrections of the errata that were applied to them.
        n_replaced: intervals that the set then no longer has, and boxes of these recordings.
        recordings: recordings that the files are about.
        formats: formats of the files.
        findings: what is odd about the labels; with an error among them nothing is written.
    """

    label_set: str
    labels: tuple[Label, ...] | None
    boxes: Boxes | None
    n_labels: int
    n_boxes: int
    n_patches: int
    n_replaced: int
    recordings: tuple[str, ...]
    formats: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> bool:
        """Whether the dataset then differs from what it is."""
        return self.labels is not None or self.boxes is not None

    @property
    def is_refused(self) -> bool:
        """Whether an error keeps it from being written."""
        return has_errors(self.findings)


def import_labels(
    dataset: "Dataset",
    paths: Sequence[Path],
    options: ImportOptions,
    *,
    label_set: str = DEFAULT_LABEL_SET,
    replace: bool = False,
) -> ImportPlan:
    r"""Import files of labels; nothing is written where a finding is an error.

    Args:
        dataset: the dataset.
        paths: the files.
        options: how they are to be read.
        label_set: the set that they go to.
        replace: replace labels that their recordings have in the set.

    Raises:
        NotFound: no such file, format or recording.
        FormatError: a file is not in its format; says where.
        InvalidInput: a name may mean several recordings, or a class has no name.
        AlreadyExists: a recording has other labels in the set, and they are not to be replaced.
        Conflict: another writer is at work.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from catalog.card import Card
        >>> from catalog.dataset import Dataset
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ds = Dataset.create(folder / "tiny", Card(name="tiny"))
        >>> ingested = ds.ingest(tiny_folders(folder))
        >>> file = folder / "list.csv"
        >>> _ = file.write_text("Train/left/0.bin,wave\n")
        >>> options = ImportOptions(format="aermanager")
        >>> import_labels(ds, [file], options, label_set="gesture").n_labels
        1
        >>> [label.label for label in ds.draft().labels("gesture").values()]
        ['wave']
    """
    with locked(dataset.root / STORE):
        plan = plan_import(
            WorkTree(dataset.root), paths, options, label_set=label_set, replace=replace
        )
        if not plan.is_refused:
            if plan.labels is not None:
                dataset.write_labels(plan.labels, label_set)
            if plan.boxes is not None:
                dataset.write_boxes(plan.boxes, label_set)
    return plan


def plan_import(
    tree: Tree,
    paths: Sequence[Path],
    options: ImportOptions,
    *,
    label_set: str = DEFAULT_LABEL_SET,
    replace: bool = False,
) -> ImportPlan:
    """Return what `import_labels` would write, checking all it checks and writing nothing."""
    check_file_name(label_set)
    table = parse_recordings(tree.text(RECORDINGS), path=f"{tree.where}/{RECORDINGS}")
    recordings = Recordings.of_table(table)
    said = interpret_files(paths, recordings, options)
    kept, findings = check_twice(said.labels)
    new, n_patches, stale = _corrected(kept, said.recordings, read_errata(tree, label_set))
    stops = {name: extent.t_stop_us for name, extent in recordings.extents.items()}
    findings += [*stale, *check_intervals(new.values(), stops, label_set=label_set)]
    if said.boxes is not None:
        findings += check_boxes(said.boxes, recordings.extents)
    elif not said.labels:
        findings.append(_nothing(paths))
    labels = _merged(tree, label_set, new, said, replace=replace)
    boxes = _merged_boxes(tree, label_set, said, replace=replace)
    return ImportPlan(
        label_set=label_set,
        labels=labels,
        boxes=boxes,
        n_replaced=_n_replaced(tree, label_set, labels, boxes, said.recordings),
        n_labels=len(said.labels),
        n_boxes=0 if said.boxes is None else len(said.boxes),
        n_patches=n_patches,
        recordings=tuple(sorted(said.recordings)),
        formats=tuple(sorted(said.formats)),
        findings=(*said.findings, *findings),
    )


def _nothing(paths: Sequence[Path]) -> Finding:
    where = str(paths[0]) if paths else "no file"
    message = "holds no labels, so nothing changes"
    return Finding(severity=Severity.WARNING, where=where, message=message, check="label-import")


def _corrected(
    labels: Iterable[Label], recordings: frozenset[str], patches: Iterable[Patch]
) -> tuple[dict[str, Label], int, list[Finding]]:
    """Apply the errata of these recordings; return how many fitted, and which did not."""
    corrected = {label.sample_id: label for label in labels}
    n_applied, stale = 0, []
    of_these = [patch for patch in patches if patch.recording_id in recordings]
    for patch in of_these if unapplied(corrected, of_these) else ():
        if patch.is_applied(corrected):
            continue
        try:
            corrected = apply_patches(corrected, [patch])
            n_applied += 1
        except Conflict as error:
            message = f"patch {patch.number} of the errata does not fit: {error.message}"
            stale.append(
                Finding(
                    severity=Severity.WARNING,
                    where=patch.recording_id,
                    message=message,
                    check="errata",
                    fix="was it corrected at its source? see labels/errata",
                )
            )
    return corrected, n_applied, stale


def _merged(
    tree: Tree, label_set: str, new: Mapping[str, Label], said: Interpreted, *, replace: bool
) -> tuple[Label, ...] | None:
    """Return the whole set with the new labels in it; None where it has them already."""
    if not said.labels:
        return None
    before = read_labels(tree, label_set)
    there = {k: x for k, x in before.items() if x.recording_id in said.recordings}
    if there == dict(new):
        return None
    if there and not replace:
        name = next(iter(there.values())).recording_id
        _refuse(tree, f"labels of {name} in the set {label_set!r}")
    return (*(x for k, x in before.items() if k not in there), *new.values())


def _merged_boxes(tree: Tree, label_set: str, said: Interpreted, *, replace: bool) -> Boxes | None:
    if said.boxes is None:
        return None
    if label_set not in box_sets(tree):
        return said.boxes
    before = read_boxes(tree, label_set)
    others = before.without(said.recordings)
    merged = Boxes.joined([others, said.boxes])
    if boxes_digest(merged) == boxes_digest(before):
        return None
    if len(others) < len(before) and not replace:
        name = next(x for x in before.recording_ids if x in said.recordings)
        _refuse(tree, f"boxes of {name} in the set {label_set!r}")
    return merged


def _n_replaced(
    tree: Tree,
    label_set: str,
    labels: tuple[Label, ...] | None,
    boxes: Boxes | None,
    recordings: frozenset[str],
) -> int:
    """Count the intervals that a set loses, and all boxes of recordings that get others."""
    n_lost = 0
    if labels is not None:
        n_lost += len(set(read_labels(tree, label_set).values()) - set(labels))
    if boxes is not None and label_set in box_sets(tree):
        before = read_boxes(tree, label_set)
        n_lost += len(before) - len(before.without(recordings))
    return n_lost


def _refuse(tree: Tree, what: str) -> None:
    message = f"{tree.where} has other {what} already"
    hint = "--replace puts the new ones in their place; --set NAME makes another set of them"
    raise AlreadyExists(message, hint=hint)
