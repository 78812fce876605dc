"""The two files of a split: frozen once, checked whenever they are read.

``splits/<name>.tsv`` is the truth, written once; ``splits/<name>.json`` says how it came about and
what its digest is. The digest runs over each sample's id, fold, label and the logical digest of its
recording: the same split has the same digest on any machine and after any re-compression, and
another one after any change of what a network would see.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import NamedTuple, cast

from catalog.labels.intervals import Label, count_labels, label_order, parse_labels
from catalog.reference import SHORT_DIGEST
from catalog.splits.rules.protocol import Rule
from catalog.text_files import json_text, parse_json
from catalog.tombstones import gone_samples
from catalog.tree import Tree, WorkTree
from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, IntegrityError, NotFound

SPLIT_PREFIX = "spikelake-split-1\n"
"""Names the algorithm inside the digest."""

SPLIT_COLUMNS = ("sample_id", "fold")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRecord:
    """What ``splits/<name>.json`` says of a split.

    Args:
        name: name of the split.
        rule: the rule that proposed it.
        label_set: label set whose intervals are the samples.
        label_names: classes in the order of their indices.
        counts: number of samples per fold and label.
        digest: digest of the split.
        parent: digest of the split it extends, or None.
        left_out: number of samples per label that go to no fold, such as those in an embargo.
    """

    name: str
    rule: Mapping[str, object]
    label_set: str
    label_names: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    digest: str
    parent: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    def text(self) -> str:
        """Return the text of the file; ``left_out`` stands in it where there are any."""
        content = asdict(self)
        if not self.left_out:
            del content["left_out"]
        return json_text(content)

    @classmethod
    def parse(cls, text: str, *, path: str) -> "SplitRecord":
        """Read the text of the file.

        Raises:
            FormatError: not the record of a split.
        """
        content = parse_json(text, path)
        expected = set(cls.__slots__)
        if not isinstance(content, dict) or set(content) | {"left_out"} != expected:
            message = "not a split"
            raise FormatError(message, path=path, expected=", ".join(sorted(expected)))
        for name, kind in _KINDS.items():
            if not isinstance(content.get(name, kind()), kind):
                message = f"{name} of the split is {json.dumps(content[name])}"
                hint = f"see what it was: git log -p -- {path}"
                raise FormatError(message, path=path, hint=hint)
        content["label_names"] = tuple(content["label_names"])
        return cls(**content)


_KINDS = {
    "name": str,
    "rule": dict,
    "label_set": str,
    "label_names": list,
    "counts": dict,
    "digest": str,
    "left_out": dict,
}


class CheckedSplit(NamedTuple):
    """A split whose digest was found right."""

    record: SplitRecord
    folds: dict[str, str]
    labels: dict[str, Label]
    """Labels of the whole set; those of the split are among them."""
    withdrawn: tuple[str, ...] = ()
    """Samples that were taken back since; they are in its digest and in no fold here."""


class ReadSplit(NamedTuple):
    """A split as it stands now, and the digest that its rows, labels and recordings have."""

    record: SplitRecord
    folds: dict[str, str]
    labels: dict[str, Label]
    found: str
    """Digest recomputed; another than the record's where anything was changed."""
    withdrawn: tuple[str, ...] = ()
    """Samples that were taken back since; they are in its digest and in no fold here."""


def split_digest(
    folds: Mapping[str, str],
    labels: Mapping[str, Label],
    digests: Mapping[str, str],
    label_names: tuple[str, ...],
) -> str:
    """Return the digest of a split, in hex.

    Args:
        folds: fold of each sample id.
        labels: label of each sample id.
        digests: logical digest of each recording id.
        label_names: classes in the order of their indices.
    """
    head = SPLIT_PREFIX + "\t".join(label_names) + "\n"
    rows = (
        f"{sample}\t{fold}\t{labels[sample].label}\t{digests[labels[sample].recording_id]}\n"
        for sample, fold in sorted(folds.items())
    )
    return sha256_text(head + "".join(rows))


def freeze_split(
    name: str,
    rule: Rule,
    folds: Mapping[str, str],
    *,
    labels: Mapping[str, Label],
    digests: Mapping[str, str],
    classes: tuple[str, ...] = (),
    label_set: str,
    parent: str | None = None,
) -> tuple[Table, SplitRecord]:
    """Return the two files of a new split; labels without a fold are counted as left out."""
    names = label_order((labels[sample].label for sample in folds), classes)
    record = SplitRecord(
        name=name,
        rule=rule.to_dict(),
        label_set=label_set,
        label_names=names,
        counts=count_labels(folds, labels),
        digest=split_digest(folds, labels, digests, names),
        parent=parent,
        left_out=dict(Counter(x.label for sample, x in labels.items() if sample not in folds)),
    )
    return Table.of(SPLIT_COLUMNS, folds.items()), record


def read_split(tree: Tree, name: str, digests: Mapping[str, str]) -> ReadSplit:
    """Read a split and recompute its digest, without comparing it with the recorded one.

    Args:
        tree: the state of the dataset to read it from.
        name: name of the split.
        digests: logical digest of each recording id.

    Raises:
        NotFound: there is no such split.
        FormatError: one of its files is not what it should be.
        IntegrityError: it lists a sample that the labels or the recordings have not.
    """
    names = tree.names("splits", ".json")
    if name not in names:
        what = "split"
        raise NotFound.among(what, name, names, hint="make it: spikelake split make DATASET NAME")
    record = SplitRecord.parse(tree.text(f"splits/{name}.json"), path=f"splits/{name}.json")
    folds, twice = _rows(tree, f"splits/{name}.tsv")
    labels_path = f"labels/{record.label_set}.tsv"
    labels = parse_labels(tree.text(labels_path), path=labels_path)
    missing = [s for s in folds if s not in labels or labels[s].recording_id not in digests]
    gone = gone_samples(tree, record.label_set, missing)
    unlabelled = [s for s in missing if s not in labels and s not in gone.labels]
    absent = {s for s in missing if s in labels and s not in gone.labels}
    for what, lost in ((labels_path, unlabelled), ("recordings.tsv", sorted(absent))):
        if lost:
            message = f"{tree.where}: split {name!r} lists {lost[0]}, which {what} has not"
            raise IntegrityError(message, hint=f"restore {what}, or make a split of another name")
    frozen = {**labels, **gone.labels}, {**digests, **gone.digests}
    found = split_digest(folds, *frozen, record.label_names)
    left = {sample: fold for sample, fold in folds.items() if sample not in gone.labels}
    digest = sha256_text(found + twice) if twice else found
    return ReadSplit(record, left, labels, digest, tuple(gone.labels))


def _rows(tree: Tree, path: str) -> tuple[dict[str, str], str]:
    """Return the fold of each sample, and the first sample that stands twice."""
    table = Table.parse(tree.text(path), path=path)
    if table.columns != SPLIT_COLUMNS:
        message = "not the list of a split"
        expected, found = "\t".join(SPLIT_COLUMNS), "\t".join(table.columns)
        raise FormatError(message, path=path, expected=expected, found=found)
    folds = dict(cast("tuple[tuple[str, str], ...]", table.rows))
    if len(folds) == len(table.rows):
        return folds, ""
    return folds, next(s for s, n in Counter(table.column("sample_id")).items() if n > 1)


def check_split(tree: Tree, name: str, digests: Mapping[str, str]) -> CheckedSplit:
    """Read a split and recompute its digest from its rows, the labels and the recordings.

    Args:
        tree: the state of the dataset to read it from.
        name: name of the split.
        digests: logical digest of each recording id.

    Raises:
        NotFound: there is no such split.
        IntegrityError: a row, a label or a recording is not what the digest was taken over.
    """
    record, folds, labels, found, withdrawn = read_split(tree, name, digests)
    if found != record.digest:
        message = (
            f"{tree.where}: split {name!r} is not what it was frozen as "
            f"(expected {record.digest[:SHORT_DIGEST]}, found {found[:SHORT_DIGEST]})"
        )
        hint = "restore the version from another clone"
        if isinstance(tree, WorkTree):
            hint = (
                f"see what changed: git -C {tree.where} diff -- splits labels recordings.tsv; to "
                "keep it, delete the split (saved versions have it) and make one of another name"
            )
        raise IntegrityError(message, hint=hint)
    return CheckedSplit(record, folds, labels, withdrawn)
