"""Errata: every correction of a label set, as a patch with its reason; the file only ever grows.

``labels/errata/<set>.tsv`` has one row for each patch: what stood there, what stands there now,
why, who, when. The number of a patch is the revision of what it made, and the number of patches is
the revision of the set; an interval that no patch made has revision 0. So the labels themselves
stay plain rows, and correcting one changes one line. A patch only fits what it was made for:
applied to other labels it is refused, not forced.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from catalog.labels.intervals import Label
from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import Conflict, FormatError, InvalidInput
from eventstore.selection import sample_id

ERRATA_FOLDER = "labels/errata"
"""Where errata lie in a dataset."""

ERRATA_COLUMNS = (
    "patch",
    "date",
    "author",
    "recording_id",
    "from_start_us",
    "from_stop_us",
    "from_label",
    "to_start_us",
    "to_stop_us",
    "to_label",
    "reason",
)

ERRATA_PREFIX = "spikelake-errata-1\n"
"""Names the algorithm inside the digest."""


class Span(NamedTuple):
    """What a patch says of an interval."""

    t_start_us: int
    t_stop_us: int
    label: str

    @classmethod
    def of(cls, label: Label) -> "Span":
        """Return what a patch would say of a label."""
        return cls(label.t_start_us, label.t_stop_us, label.label)

    def __str__(self) -> str:
        """Return it as messages and listings show it."""
        return f"{self.t_start_us}-{self.t_stop_us} {self.label!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One correction of one interval.

    Args:
        recording_id: the recording.
        before: what stood there; None where the interval is new.
        after: what stands there now; None where the interval was removed.
        reason: why, in the curator's words.
        author: who did it.
        date: when, UTC, ISO 8601.
        number: its place in the errata, from 1; 0 where it has none yet.

    Raises:
        InvalidInput: no reason, nothing changed, or an interval that runs backwards.

    Examples:
        >>> patch = Patch(
        ...     recording_id="user22_led",
        ...     before=Span(98_000_000, 110_590_564, "air_drums"),
        ...     after=Span(98_000_000, 104_000_000, "air_drums"),
        ...     reason="ends before the next gesture",
        ... )
        >>> patch.action
        'moved'
    """

    recording_id: str
    before: Span | None
    after: Span | None
    reason: str
    author: str = ""
    date: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if not self.reason.strip():
            message = f"a correction of {self.recording_id} without a reason"
            raise InvalidInput(message, hint='say why: --reason "…"')
        if self.before == self.after:
            message = f"nothing changes of {self.recording_id}: {self.before or 'no interval'}"
            raise InvalidInput(message, hint="give another start, stop or label")
        for span in (self.before, self.after):
            if span is not None and not 0 <= span.t_start_us <= span.t_stop_us:
                message = f"{span} of {self.recording_id} is no interval"
                hint = "give start ≤ stop, µs from the recording's start"
                raise InvalidInput(message, hint=hint)

    @property
    def action(self) -> str:
        """What it does: added, removed, moved, relabelled or changed (both)."""
        return action_of(self.before, self.after)

    def _sample(self, span: Span) -> str:
        return sample_id(self.recording_id, span.t_start_us, span.t_stop_us)

    def fits(self, labels: Mapping[str, Label]) -> bool:
        """Say whether what it was made for stands there."""
        if self.before is None:
            return self.after is not None and self._sample(self.after) not in labels
        here = labels.get(self._sample(self.before))
        return here is not None and here.label == self.before.label

    def is_applied(self, labels: Mapping[str, Label]) -> bool:
        """Say whether what it makes stands there."""
        if self.after is None:
            return self.before is not None and self._sample(self.before) not in labels
        here = labels.get(self._sample(self.after))
        return here is not None and here.label == self.after.label


def apply_patches(labels: Mapping[str, Label], patches: Iterable[Patch]) -> dict[str, Label]:
    """Return labels with patches applied in order; further columns of a label are kept.

    Raises:
        Conflict: what a patch was made for does not stand there, or another interval stands where
            it would put one.

    Examples:
        >>> label = Label("a", 0, 9, "cat", annotator="ann")
        >>> patch = Patch(recording_id="a", before=Span.of(label), after=None, reason="no cat")
        >>> apply_patches({label.sample_id: label}, [patch])
        {}
    """
    patched = dict(labels)
    for patch in patches:
        before, after, name = patch.before, patch.after, patch.recording_id
        start = Label(name, 0, 0, "")
        if before is not None:
            if not patch.fits(patched):
                message = _stale(before, name, patched)
                raise Conflict(message, hint="look again: spikelake label diff DATASET")
            start = patched.pop(sample_id(name, *before[:2]))
        if after is not None:
            new = _changed(start, after)
            if new.sample_id in patched:
                there = patched[new.sample_id].label
                message = f"{new.sample_id} is there already, as {there!r}"
                raise Conflict(message, hint="correct or remove that one first")
            patched[new.sample_id] = new
    return patched


def _changed(label: Label, span: Span) -> Label:
    number = label.label_id if label.label == span.label else ""  # of the class it was
    return label._replace(**span._asdict(), label_id=number)


def _stale(before: Span, recording_id: str, labels: Mapping[str, Label]) -> str:
    sample = sample_id(recording_id, *before[:2])
    if sample in labels:
        return f"{sample} is {labels[sample].label!r}, not {before.label!r}"
    spans = [Span.of(label) for label in labels.values() if label.recording_id == recording_id]
    near = sorted(spans, key=lambda span: abs(span.t_start_us - before.t_start_us))
    listed = ", ".join(map(str, near[:3])) or "none"
    return f"{sample} is not there (nearest of {recording_id}: {listed})"


def action_of(before: Span | None, after: Span | None) -> str:
    """Return the word for a change.

    Examples:
        >>> action_of(Span(0, 9, "cat"), Span(0, 9, "dog"))
        'relabelled'
    """
    if before is None or after is None:
        return "added" if before is None else "removed"
    if before.label == after.label:
        return "moved"
    return "relabelled" if before[:2] == after[:2] else "changed"


def errata_path(label_set: str) -> str:
    """Return where the errata of a label set lie in a dataset."""
    return f"{ERRATA_FOLDER}/{label_set}.tsv"


def errata_table(patches: Iterable[Patch]) -> Table:
    """Return the rows of ``labels/errata/<set>.tsv``, in the order the patches were made."""
    rows = [
        (
            str(patch.number),
            patch.date,
            patch.author,
            patch.recording_id,
            *_cells(patch.before),
            *_cells(patch.after),
            patch.reason,
        )
        for patch in patches
    ]
    return Table(ERRATA_COLUMNS, tuple(rows))


def _cells(span: Span | None) -> tuple[str, str, str]:
    return ("", "", "") if span is None else (str(span.t_start_us), str(span.t_stop_us), span.label)


def parse_errata(text: str, *, path: str) -> list[Patch]:
    """Read ``labels/errata/<set>.tsv``.

    Raises:
        FormatError: other columns, patches not numbered 1, 2, …, or a row that is no patch.
    """
    table = Table.parse(text, path=path)
    if table.columns != ERRATA_COLUMNS:
        expected, found = "columns " + " ".join(ERRATA_COLUMNS), " ".join(table.columns)
        message = "not a table of errata"
        raise FormatError(message, path=path, expected=expected, found=found)
    return [_patch(row, number, path) for number, row in enumerate(table.rows, start=1)]


def _patch(row: Sequence[str], number: int, path: str) -> Patch:
    where = f"line {number + 1}"
    said, date, author, recording = row[:4]
    if said != str(number):
        message = f"{where} is patch {said!r}"
        hint = "patches are numbered in order and none is ever taken out: restore the file from git"
        raise FormatError(message, path=path, expected=f"patch {number}", found=said, hint=hint)
    try:
        datetime.fromisoformat(date)
        return Patch(
            recording_id=recording,
            before=_span(row[4:7]),
            after=_span(row[7:10]),
            reason=row[10],
            author=author,
            date=date,
            number=number,
        )
    except InvalidInput as error:
        message = f"{where}: {error.message}"
        raise FormatError(message, path=path, hint=error.hint) from error
    except ValueError as error:
        message = f"{where} is no patch: {error}"
        expected = "a date in ISO 8601 and whole µs"
        raise FormatError(message, path=path, expected=expected) from error


def _span(cells: Sequence[str]) -> Span | None:
    start, stop, label = cells
    if any(time and not time.isdecimal() for time in (start, stop)):
        message = f"{start!r} … {stop!r} are no times"
        raise ValueError(message)
    return Span(int(start), int(stop), label) if start or stop or label else None


def errata_digest(patches: Iterable[Patch]) -> str:
    """Return the digest of errata, in hex."""
    return sha256_text(ERRATA_PREFIX + errata_table(patches).text())


def revisions(patches: Iterable[Patch]) -> dict[str, int]:
    """Return the revision of each sample that a patch made.

    Examples:
        >>> made = Patch(
        ...     recording_id="a", before=None, after=Span(0, 9, "cat"), reason="missed", number=1
        ... )
        >>> revisions([made])
        {'a#0-9': 1}
    """
    found: dict[str, int] = {}
    for patch in patches:
        if patch.before is not None:
            found.pop(sample_id(patch.recording_id, *patch.before[:2]), None)
        if patch.after is not None:
            found[sample_id(patch.recording_id, *patch.after[:2])] = patch.number
    return found
