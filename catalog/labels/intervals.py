"""Labels: half-open intervals of recordings with a class each, as text with history.

Labels never live in the event store: correcting one is a line of a diff, not a new store.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import FormatError
from eventstore.selection import sample_id

LABEL_COLUMNS = ("recording_id", "t_start_us", "t_stop_us", "label")

DEFAULT_LABEL_SET = "class"
"""Name of the label set that ingest fills from the folders of an archive."""

LABELS_PREFIX = "spikelake-labels-1\n"
"""Names the algorithm inside the digest."""


class Label(NamedTuple):
    """One labelled interval, which makes it a sample."""

    recording_id: str
    t_start_us: int
    t_stop_us: int
    label: str

    @property
    def sample_id(self) -> str:
        """Id of the sample: its position in the content."""
        return sample_id(self.recording_id, self.t_start_us, self.t_stop_us)


def labels_table(labels: Iterable[Label]) -> Table:
    """Return the rows of ``labels/<set>.tsv``, sorted by recording and time."""
    rows = ((x.recording_id, str(x.t_start_us), str(x.t_stop_us), x.label) for x in sorted(labels))
    return Table(LABEL_COLUMNS, tuple(rows))


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
    if table.columns != LABEL_COLUMNS:
        message = "not a table of labels"
        raise FormatError(
            message,
            path=path,
            expected="columns " + " ".join(LABEL_COLUMNS),
            found=" ".join(table.columns),
        )
    labels: dict[str, Label] = {}
    for number, row in enumerate(table.rows, start=2):
        label = _label(row, number, path)
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


def labels_digest(labels: Iterable[Label]) -> str:
    """Return the digest of a label set, in hex."""
    return sha256_text(LABELS_PREFIX + labels_table(labels).text())


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
