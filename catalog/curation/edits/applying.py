"""Carry out the accepted edits: the store once for all of them, then tables, then the log.

    events.zarr              rewritten at once, each changed recording with its edits in its
                             provenance
    splits that list them    out of the work tree, where that is asked for; else nothing is done
    labels, errata, boxes    corrected and clipped
    statistics.tsv,
    recordings.tsv           of what changed alone
    edits.tsv                the edits are applied

Killed in between, the same command comes to the end and does nothing twice.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from catalog.curation.edits.effects import change_of
from catalog.curation.edits.log import append_applied
from catalog.curation.edits.on_labels import Left, correct_labels, trimmed_boxes
from catalog.curation.edits.planning import ApplyPlan, plan_apply
from catalog.labels.box_table import boxes_path, boxes_table
from catalog.labels.errata import Patch
from catalog.labels.kinds import box_sets, label_sets, read_boxes, read_errata, read_labels
from catalog.labels.writing import write_corrected
from catalog.recording_table import parse_recordings, recordings_table
from catalog.removal import drop_split_files, tables_without
from catalog.statistics.keeping import measure_store
from catalog.text_files import write_text
from catalog.tree import RECORDINGS, STORE, Tree, WorkTree
from eventstore.changing import Change
from eventstore.making import locked
from eventstore.rewrite import edit_recordings

if TYPE_CHECKING:
    from catalog.dataset import Dataset

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings done, recordings in all, events done) while the store is rewritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """What applying did, or would do.

    Args:
        edits: numbers of the edits.
        changed: recordings whose events were changed.
        dropped: recordings that were left out.
        n_gone: events that the changes left out.
        n_patches: errata that were added, of all label sets.
        n_boxes: boxes that went, of all sets.
        splits: splits taken out of the work tree.
    """

    edits: tuple[int, ...]
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    n_gone: int = 0
    n_patches: int = 0
    n_boxes: int = 0
    splits: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


def apply_edits(
    dataset: "Dataset",
    *,
    author: str,
    drop_splits: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ApplyReport:
    """Carry out all accepted edits of a dataset; save a version afterwards.

    Args:
        dataset: the dataset.
        author: who does it.
        drop_splits: take splits that list what changes out of the work tree.
        dry_run: only say what would be done, decoding what would change.
        progress: told (done, all, events) while the store is rewritten.

    Raises:
        Conflict: an edit is for another state of its recording, a split lists what changes and
            ``drop_splits`` is off, or another writer is at work; nothing was changed.
        IntegrityError: stored bytes are damaged; the store was not changed.
        MissingContent: they are not on this machine; the store was not changed.

    Examples:
        >>> from catalog.curation.edits.proposing import plan_trim, propose
        >>> from catalog.curation.edits.reviewing import review
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> trim = plan_trim(ds.draft(), "Train/left/0", to_us=150_000, reason="a bump")
        >>> [edit] = propose(ds, [trim], author="Ann")
        >>> accepted = review(ds, [edit.number], accept=True, author="Bo")
        >>> apply_edits(ds, author="Bo").changed
        ('Train/left/0',)
    """
    plan = plan_apply(dataset, drop_splits=drop_splits)
    tree = WorkTree(dataset.root)
    new, n_boxes = _label_changes(tree, plan, plan.left())
    report = ApplyReport(
        edits=tuple(edit.number for edit in plan.edits),
        changed=tuple(sorted({**plan.in_store, **plan.changed})),
        dropped=plan.dropped,
        n_gone=sum(effect.n_gone for effect in plan.effects.values()),
        n_patches=len(new),
        n_boxes=n_boxes,
        splits=plan.splits,
    )
    if plan.edits and not dry_run:
        edit_recordings(dataset.root / STORE, _changes(dataset, plan), progress=progress)
        with locked(dataset.root / STORE):
            _describe(dataset, plan, author)
    return report


def _changes(dataset: "Dataset", plan: ApplyPlan) -> dict[str, Change | None]:
    with dataset.draft().store as store:
        rows = store.recordings
        changes: dict[str, Change | None] = {
            name: change_of(store, rows.row(name), edits) for name, edits in plan.changed.items()
        }
        return changes | dict.fromkeys(name for name in plan.dropped if name in rows)


def _describe(dataset: "Dataset", plan: ApplyPlan, author: str) -> None:
    """Bring everything beside the store up to it, the log last."""
    root, tree = dataset.root, WorkTree(dataset.root)
    drop_split_files(root, plan.splits)
    with dataset.draft().store as store:
        _write_labels(tree, plan, plan.left(store), author)
        for path, table in tables_without(tree, set(plan.dropped)):
            write_text(root / path, table.text())
        statistics = measure_store(root, store)
        known = parse_recordings(tree.text(RECORDINGS), path=f"{root}/{RECORDINGS}")
        table = recordings_table(store, known=known, provenance={}, statistics=statistics)
        if table != known:
            write_text(root / RECORDINGS, table.text())
        rows = store.recordings
        digests = [
            (
                e.number,
                rows.digests[rows.row(e.recording_id)].hex() if e.recording_id in rows else "",
            )
            for e in plan.edits
        ]
    append_applied(tree, digests, author)


def _label_changes(tree: Tree, plan: ApplyPlan, left: dict[str, Left]) -> tuple[list[Patch], int]:
    """Return the errata that there would be, and how many boxes would go."""
    patches: list[Patch] = []
    for name in label_sets(tree):
        labels, errata = read_labels(tree, name), read_errata(tree, name)
        done = correct_labels(name, labels, errata, relabels=plan.relabels, left=left)
        patches += done.patches
    boxes = [read_boxes(tree, name) for name in box_sets(tree)]
    n_boxes = sum(len(table) - len(trimmed_boxes(table, left)) for table in boxes)
    return patches, n_boxes


def _write_labels(tree: WorkTree, plan: ApplyPlan, left: dict[str, Left], author: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for name in label_sets(tree):
        labels, errata = read_labels(tree, name), read_errata(tree, name)
        done = correct_labels(name, labels, errata, relabels=plan.relabels, left=left)
        if done.patches or done.labels != labels:
            new = [
                replace(patch, number=number, author=author, date=now)
                for number, patch in enumerate(done.patches, start=len(errata) + 1)
            ]
            write_corrected(tree, done.labels, [*errata, *new], name)
    for name in box_sets(tree):
        boxes = read_boxes(tree, name)
        kept = trimmed_boxes(boxes, left)
        if len(kept) < len(boxes):
            write_text(tree.root / boxes_path(name), boxes_table(kept).text())
