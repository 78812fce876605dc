"""Work out a split: let a rule propose folds, and refuse what must not be frozen."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.recording_table import by_column, recording_digests
from catalog.splits.record import SplitRecord, check_split, freeze_split
from catalog.splits.rules.official import OfficialRule
from catalog.splits.rules.protocol import Rule, Sample
from catalog.tsv import Table
from eventstore.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion


def plan_split(
    draft: "DatasetVersion",
    name: str,
    rule: Rule,
    *,
    label_set: str = DEFAULT_LABEL_SET,
    parent: str | None = None,
) -> tuple[Table, SplitRecord]:
    """Return the list and the record of a new split of a dataset's work tree.

    Raises:
        InvalidInput: the rule cannot be carried out.
        Conflict: a sample of the parent would change folds.
    """
    labels, recordings = draft.labels(label_set), draft.recordings
    rows = {row["recording_id"]: row for row in by_column(recordings)}
    if isinstance(rule, OfficialRule):
        _check_all_labelled(rule, rows, labels.values())
    samples = [
        Sample(sample, x.label, rows[x.recording_id], x.t_start_us, x.t_stop_us)
        for sample, x in sorted(labels.items())
    ]
    digests = recording_digests(recordings)
    before = check_split(draft.tree, parent, digests) if parent else None
    folds = rule.assign(samples, before.folds if before else {})
    if before:
        _check_extends(name, folds, before.folds)
    return freeze_split(
        name,
        rule,
        folds,
        labels=labels,
        digests=digests,
        classes=draft.card.classes,
        label_set=label_set,
        parent=before.record.digest if before else None,
    )


def _check_all_labelled(
    rule: OfficialRule, rows: Mapping[str, Mapping[str, str]], labels: Iterable[Label]
) -> None:
    labelled = {label.recording_id for label in labels}
    without = sorted(n for n, row in rows.items() if row.get(rule.column) and n not in labelled)
    if without:
        message = f"{len(without)} recordings of the official split have no label: {without[0]} …"
        raise InvalidInput(message, hint="label them, or clear their fold in recordings.tsv")


def _check_extends(name: str, folds: Mapping[str, str], parent: Mapping[str, str]) -> None:
    moved = sorted(sample for sample, fold in parent.items() if folds.get(sample) != fold)
    if moved:
        first = f"{moved[0]}: {parent[moved[0]]} → {folds.get(moved[0], 'gone')}"
        message = f"{len(moved)} samples of the parent would change folds in {name!r} ({first})"
        raise Conflict(message, hint="use the parent's rule and salt, or make a split of its own")
