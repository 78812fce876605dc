"""Checks of label sets as a whole, beside those of single intervals and boxes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from catalog.curation.describing import quoted
from catalog.labels.box_checks import Extent, check_boxes
from catalog.labels.checks import check_intervals
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.recording_table import by_column
from eventstore.findings import Finding, Severity, finding_at

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion

RARE = 20
"""A class so many times smaller than the largest is rare."""


def check_label_sets(version: "DatasetVersion") -> Iterator[Finding]:
    """Yield what is odd about the labels and boxes of a version.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> import catalog
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ds = catalog.Dataset.create(folder / "tiny", catalog.Card(name="tiny"))
        >>> report = ds.ingest(tiny_folders(folder), labels_from=None)
        >>> list(check_label_sets(ds.draft()))[0].message
        'nothing is labelled'
    """
    rows = by_column(version.recordings)
    stops = {row["recording_id"]: int(row["t_stop_us"]) for row in rows}
    if not version.label_sets and not version.box_sets:
        fix = "spikelake label import DATASET FILE, or ingest from class folders"
        yield finding_at(Severity.WARNING, "labels", "nothing is labelled", "unlabelled", fix)
    for name in version.label_sets:
        labels = list(version.labels(name).values())
        yield from check_intervals(labels, stops, label_set=name)
        yield from _unlabelled(name, labels, stops)
        yield from _spellings(name, labels)
        yield from _rare(name, labels)
    extents = {row["recording_id"]: _extent(row) for row in rows}
    for name in version.box_sets:
        yield from check_boxes(version.boxes(name), extents)


def _extent(row: Mapping[str, str]) -> Extent:
    return Extent(int(row["t_stop_us"]), int(row["width"]), int(row["height"]))


def _unlabelled(name: str, labels: list[Label], stops: dict[str, int]) -> Iterator[Finding]:
    without = sorted(set(stops) - {label.recording_id for label in labels})
    if without:
        message = f"{len(without)} of {len(stops)} recordings have no label, such as {without[0]}"
        fix = "label them, or leave them: no split of this set will have them"
        yield finding_at(Severity.INFO, f"labels/{name}.tsv", message, "unlabelled", fix)


def _spellings(name: str, labels: list[Label]) -> Iterator[Finding]:
    """Tell classes that differ by case, space or a dash: two names of one thing."""
    spelled: dict[str, dict[str, list[Label]]] = {}
    for label in labels:
        plain = "".join(c for c in label.label.casefold() if c.isalnum())
        if plain:
            spelled.setdefault(plain, {}).setdefault(label.label, []).append(label)
    for found in spelled.values():
        if len(found) > 1:
            message = "classes that look like one: " + ", ".join(map(repr, sorted(found)))
            *others, most = sorted(found, key=lambda one: (len(found[one]), one))
            which = quoted(found[others[0]][0].sample_id)
            fix = f"spikelake edit relabel DATASET {which} --to {quoted(most)} --reason 'a slip'"
            fix = fix if name == DEFAULT_LABEL_SET else f"{fix} --set {name}"
            yield finding_at(Severity.WARNING, f"labels/{name}.tsv", message, "spelling", fix)


def _rare(name: str, labels: list[Label]) -> Iterator[Finding]:
    counts = Counter(label.label for label in labels)
    if not counts:
        return
    largest, n_largest = counts.most_common(1)[0]
    rare = sorted(label for label, n in counts.items() if n * RARE < n_largest)
    if rare:
        some = ", ".join(f"{label!r} ({counts[label]})" for label in rare[:3])
        more = f" and {len(rare) - 3} more" if len(rare) > 3 else ""
        message = f"rare beside {largest!r} ({n_largest}): {some}{more}"
        fix = "report accuracy by class, or train with Balanced()"
        yield finding_at(Severity.INFO, f"labels/{name}.tsv", message, "imbalance", fix)
