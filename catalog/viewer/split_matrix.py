"""Splits as matrices: samples of each fold by label or by group, with what the checks found."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from catalog.labels.editing import parse_sample
from catalog.splits.leakage.check import check_split_leakage
from catalog.splits.leakage.report import LeakageReport, report_path
from catalog.splits.split import fold_order
from catalog.tsv import Table
from catalog.viewer.shown import ShownState
from eventstore.errors import NotFound, SpikelakeError
from eventstore.findings import Severity

MOST_ROWS = 500
"""Labels or groups that a matrix has rows for; the fullest."""


def split_list(state: ShownState) -> dict[str, object]:
    """Return every split with its rule and the number of samples in each fold, as plain values.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> split_list(Shown(ds).state())["splits"][0]["folds"]
        {'train': 4, 'test': 2}
    """
    records = [state.version.split_record(name) for name in state.version.splits]
    return {
        "reference": str(state.version.reference),
        "columns": ["label", *_group_columns(state)],
        "splits": [
            {
                "name": one.name,
                "digest": one.digest,
                "rule": dict(one.rule),
                "label_set": one.label_set,
                "folds": {fold: sum(one.counts[fold].values()) for fold in fold_order(one.counts)},
                "left_out": sum(one.left_out.values()),
            }
            for one in records
        ],
    }


def split_matrix(state: ShownState, name: str, by: str) -> dict[str, object]:
    """Return how many samples of each label or group each fold has, and whether it leaks.

    Args:
        state: the dataset.
        name: name of the split.
        by: ``label``, or a column of ``recordings.tsv``.

    Raises:
        NotFound: there is no such split or column.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> split_matrix(Shown(ds).state(), "official", "label")["rows"][0]
        {'name': 'left', 'counts': [2, 1], 'shared': True}
    """
    record = state.version.split_record(name)
    folds = fold_order(record.counts)
    if by == "label":
        counts: Mapping[str, Counter[str]] = {fold: Counter(record.counts[fold]) for fold in folds}
    else:
        counts = _by_group(state, name, by)
    totals: Counter[str] = sum(counts.values(), Counter())
    names = [one for one, _ in totals.most_common(MOST_ROWS)]
    order = {label: k for k, label in enumerate(record.label_names)}
    names.sort(key=lambda one: (order.get(one, len(order)), one))
    rows = [[counts.get(fold, Counter())[one] for fold in folds] for one in names]
    return {
        "split": name,
        "by": by,
        "folds": folds,
        "n_rows": len(totals),
        "rows": [
            {"name": one, "counts": row, "shared": sum(n > 0 for n in row) > 1}
            for one, row in zip(names, rows, strict=True)
        ],
        "leakage": state.once(f"leakage {name}", lambda: _leakage(state, name)),
    }


def samples_of(state: ShownState, split: str) -> Iterator[tuple[str, str]]:
    """Yield the recording and the fold of each sample of a split.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> next(samples_of(Shown(ds).state(), "official"))
        ('Test/left/0', 'test')
    """
    path = f"splits/{split}.tsv"
    table = Table.parse(state.version.tree.text(path), path=path)
    for sample, fold in zip(table.column("sample_id"), table.column("fold"), strict=True):
        yield parse_sample(sample)[0], fold


def _group_columns(state: ShownState) -> Sequence[str]:
    """Return the columns whose values may be groups: texts that several recordings share."""
    table = state.version.recordings
    told = {"recording_id", "digest", "side_digest", "source", "source_sha256"}
    numbers = {"n_events", "t_stop_us", "t_origin_us", "width", "height", "on_fraction", "rate_hz"}
    return [name for name in table.columns if name not in told | numbers]


def _by_group(state: ShownState, name: str, by: str) -> Mapping[str, Counter[str]]:
    if by not in state.version.recordings.columns:
        known = ["label", *_group_columns(state)]
        missing = NotFound.among("column", by[:200], known)
        raise missing
    values = state.version.recordings.column(by)
    counts: dict[str, Counter[str]] = {}
    for recording, fold in samples_of(state, name):
        row = state.row_of.get(recording)
        group = "(withdrawn)" if row is None else values[row] or "(none)"
        counts.setdefault(fold, Counter())[group] += 1
    return counts


def _leakage(state: ShownState, name: str) -> dict[str, object]:
    """Return what the checks found: the report that is kept, else those that read no events."""
    record = state.version.split_record(name)
    try:
        path = report_path(name)
        report = LeakageReport.parse(state.version.tree.text(path), path=path)
        kept = report.digest == record.digest
    except SpikelakeError:
        kept = False
    if not kept:
        try:
            report = check_split_leakage(state.version, name, near_duplicates=False)
        except SpikelakeError as error:
            broken = {"severity": "error", "check": "split", "message": error.message}
            return {"kept": False, "searched": False, "errors": 1, "warnings": 0} | {
                "findings": [{**broken, "where": name, "fix": error.hint}]
            }
    return {
        "kept": kept,
        "searched": bool(report.compared),
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "findings": [finding.to_dict() for finding in report.findings[:MOST_ROWS]],
    }
