"""Labels: half-open intervals of recordings with a class each, as text with history.

Labels never live in the event store: correcting one is a line of a diff, not a new store. Who gave
a label, how sure of it, stands in further columns, which a table has only where a label has a value
for them; so a plain set stays a table of four columns.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, InvalidInput
from eventstore.selection import sample_id

LABEL_COLUMNS = ("recording_id", "t_start_us", "t_stop_us", "label")

EXTRA_COLUMNS = ("label_id", "annotator", "confidence", "source")
"""Columns that may follow, in this order."""

DEFAULT_LABEL_SET = "class"
"""Name of the label set that ingest fills from the folders of an archive."""

LABELS_PREFIX = "spikelake-labels-1\n"
"""Names the algorithm inside the digest."""

WIDE_PREFIX = "spikelake-labels-2\n"
"""The same, of tables with further columns."""

_SHARE = re.compile(r"[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


class Label(NamedTuple):
    """One labelled interval, which makes it a sample.

    Examples:
        >>> Label("walk", 0, 4_000_000, "wave", annotator="me").label
        'wave'
    """

    recording_id: str
    t_start_us: int
    t_stop_us: int
    label: str
    label_id: str = ""
    """The class as its source numbers it, such as ``"9"`` for air_drums of DVS Gesture."""
    annotator: str = ""
    """Who gave the label, a person or a program."""
    confidence: float | None = None
    """How sure, from 0 to 1."""
    source: str = ""
    """The file that it was imported from."""

    @property
    def sample_id(self) -> str:
        """Id of the sample: its position in the content."""
        return sample_id(self.recording_id, self.t_start_us, self.t_stop_us)


def labels_table(labels: Iterable[Label]) -> Table:
    """Return the rows of ``labels/<set>.tsv``, sorted by recording and time.

    Raises:
        InvalidInput: a confidence is not within 0 and 1.
    """
    ordered = sorted(labels, key=_order)
    rows = [(x.recording_id, str(x.t_start_us), str(x.t_stop_us), x.label) for x in ordered]
    columns, extra = list(LABEL_COLUMNS), []
    for name in EXTRA_COLUMNS:
        values = [_written(getattr(x, name)) for x in ordered]
        if any(values):
            columns.append(name)
            extra.append(values)
    if extra:
        added = zip(*extra, strict=True)
        rows = [(*row, *more) for row, more in zip(rows, added, strict=True)]
    return Table(tuple(columns), tuple(rows))


def _order(label: Label) -> tuple[object, ...]:
    return (*label[:6], _written(label.confidence), label.source)


def _written(value: str | float | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if not 0 <= value <= 1:
        message = f"a confidence of {value}"
        raise InvalidInput(message, hint="give a number from 0 to 1, or none")
    return repr(abs(float(value)))  # abs: zero has one spelling


def parse_labels(text: str, *, path: str) -> dict[str, Label]:
    """Read ``labels/<set>.tsv`` into labels by sample id.

    Raises:
        FormatError: other columns, a time that is no number, an interval that runs backwards or
            stands twice; says which.

    Examples:
        >>> text = labels_table([Label("a", 0, 9, "cat")]).text()
        >>> list(parse_labels(text, path="labels/class.tsv"))
        ['a#0-9']
    """
    table = Table.parse(text, path=path)
    extra = table.columns[len(LABEL_COLUMNS) :]
    if table.columns[: len(LABEL_COLUMNS)] != LABEL_COLUMNS or not set(extra) <= set(EXTRA_COLUMNS):
        message = "not a table of labels"
        raise FormatError(
            message,
            path=path,
            expected=f"columns {' '.join(LABEL_COLUMNS)}, then any of {' '.join(EXTRA_COLUMNS)}",
            found=" ".join(table.columns),
            hint="facts of a recording go into a column of recordings.tsv",
        )
    labels: dict[str, Label] = {}
    for number, row in enumerate(table.rows, start=2):
        label = _label(row[:4], number, path)
        if extra:
            label = _widened(label, extra, row[4:], f"line {number}", path=path)
        sample = label.sample_id
        if sample in labels:
            message = f"line {number} labels {sample} a second time"
            raise FormatError(message, path=path, hint="keep one of the lines")
        labels[sample] = label
    return labels


def _label(row: tuple[str, ...], number: int, path: str) -> Label:
    recording, start, stop, name = row
    if not (start.isdecimal() and stop.isdecimal() and int(start) <= int(stop)):
        message = f"line {number} holds no interval"
        raise FormatError(
            message,
            path=path,
            expected="t_start_us ≤ t_stop_us, whole µs from the recording's start",
            found=f"{start} … {stop}",
        )
    return Label(recording, int(start), int(stop), name)


def _widened(
    label: Label, columns: Sequence[str], values: Sequence[str], where: str, *, path: str
) -> Label:
    texts = dict(zip(columns, values, strict=True))
    return label._replace(
        label_id=texts.get("label_id", ""),
        annotator=texts.get("annotator", ""),
        confidence=parse_confidence(texts.get("confidence", ""), where, path=path),
        source=texts.get("source", ""),
    )


def parse_confidence(text: str, where: str, *, path: str) -> float | None:
    """Return a confidence, None where the text is empty.

    Raises:
        FormatError: it is no number from 0 to 1.
    """
    if not text:
        return None
    if not _SHARE.fullmatch(text) or float(text) > 1:
        message = f"{where} holds no confidence"
        raise FormatError(message, path=path, expected="a number from 0 to 1", found=repr(text))
    return float(text)


def labels_digest(labels: Iterable[Label]) -> str:
    """Return the digest of a label set, in hex; plain sets have theirs whatever wide ones do."""
    table = labels_table(labels)
    prefix = LABELS_PREFIX if table.columns == LABEL_COLUMNS else WIDE_PREFIX
    return sha256_text(prefix + table.text())


def label_order(names: Iterable[str], classes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return class names in the order of their indices: the card's, else numbers, else letters.

    Examples:
        >>> label_order({"10", "9", "1"})
        ('1', '9', '10')
    """
    found = set(names)
    if classes and found <= set(classes):
        return classes
    if all(name.isdecimal() for name in found):
        return tuple(sorted(found, key=int))
    return tuple(sorted(found))


def count_labels(
    folds: Mapping[str, str], labels: Mapping[str, Label]
) -> dict[str, dict[str, int]]:
    """Return how many samples of each label each fold holds."""
    counts: dict[str, dict[str, int]] = {}
    for sample, fold in folds.items():
        of_fold = counts.setdefault(fold, {})
        name = labels[sample].label
        of_fold[name] = of_fold.get(name, 0) + 1
    return counts
