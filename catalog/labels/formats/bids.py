"""BIDS ``events.tsv``: onset and duration in seconds, ``trial_type``, and columns of one's own.

Seconds become µs by exact arithmetic, never through floats. Class number, annotator, confidence
and source travel in columns of those names; other columns are told of and left behind.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from catalog.labels.formats.lines import BOM, joined, rows, text_lines
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    RawInterval,
    RecordingLabels,
    Times,
    Written,
)
from catalog.labels.intervals import EXTRA_COLUMNS, labels_table, parse_confidence
from eventstore.errors import FormatError, InvalidInput
from eventstore.findings import Finding, Severity

NONE = "n/a"
"""How BIDS writes a value that is not there."""

_SECONDS = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,3})?")

LIMIT_S = 10**12
"""Beyond any recording, and within 64 bits of µs."""


class Bids:
    """The format."""

    name: ClassVar[str] = "bids"
    ending: ClassVar[str] = "_events.tsv"
    times: ClassVar[Times] = Times.RECORDING
    kinds: ClassVar[frozenset[str]] = frozenset({"intervals"})
    lists_recordings: ClassVar[bool] = False

    def claims(self, name: str, data: bytes) -> bool:
        """Say whether a file begins as the standard demands: with onset and duration."""
        head = data.removeprefix(BOM)
        return name.endswith(".tsv") and head.startswith(b"onset\tduration")

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        r"""Return the intervals of a file.

        Examples:
            >>> text = b"onset\tduration\ttrial_type\n0.3\t1.000001\tclap\n"
            >>> Bids().read(text, "a_events.tsv", FormatOptions()).intervals[0][:4]
            ('line 2', 'clap', 300000, 1300001)
        """
        lines = text_lines(data, path)
        columns = lines[0].split("\t") if lines else []
        needed = ("onset", "duration", options.label_column)
        if not set(needed) <= set(columns) or len(set(columns)) != len(columns):
            message = "not events of BIDS with a class each"
            expected = "columns " + " ".join(needed)
            hint = "name the column of the class: --label-column NAME"
            found = " ".join(columns)[:80] or "an empty file"
            raise FormatError(message, path=path, expected=expected, found=found, hint=hint)
        found_rows = [
            (where, dict(zip(columns, fields, strict=True)))
            for where, fields in rows(lines[1:], len(columns), "\t", path=path, first=2)
        ]
        unnamed = [where for where, row in found_rows if row[options.label_column] == NONE]
        named = [(where, row) for where, row in found_rows if row[options.label_column] != NONE]
        intervals = [_interval(where, row, options.label_column, path) for where, row in named]
        fine = [where for where, _, exact in intervals if not exact]
        left = [c for c in columns if c not in {*needed, *EXTRA_COLUMNS}]
        return LabelFile(
            intervals=tuple(interval for _, interval, _ in intervals),
            findings=tuple(_findings(path, unnamed, fine, left)),
        )

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return the file of one recording."""
        (part,) = parts
        table = labels_table(part.labels)
        extra = table.columns[4:]
        lines = ["\t".join(["onset", "duration", options.label_column, *extra]) + "\n"]
        for row in table.rows:
            start, stop = int(row[1]), int(row[2])
            if NONE in row or not row[3]:
                message = f"label {row[3]!r} of {part.recording_id} would read as none in BIDS"
                raise InvalidInput(message, hint="rename the class first")
            fields = [seconds_text(start), seconds_text(stop - start), row[3]]
            fields += [value or NONE for value in row[4:]]
            lines.append(joined(fields, "\t", part.recording_id))
        return Written("".join(lines).encode())


def seconds_text(time_us: int) -> str:
    """Return µs as seconds, exactly.

    Examples:
        >>> seconds_text(1_300_001), seconds_text(2_000_000)
        ('1.300001', '2')
    """
    whole, rest = divmod(time_us, 10**6)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _interval(
    where: str, row: dict[str, str], label_column: str, path: str
) -> tuple[str, RawInterval, bool]:
    """Return the place of a row, what it says, and whether its times are whole µs."""
    onset, duration = (_seconds(row[name], where, name, path) for name in ("onset", "duration"))
    start, stop = onset * 10**6, (onset + duration) * 10**6
    t_start, t_stop = round(start), round(stop)
    if t_start < 0 or t_stop < t_start:
        message = f"{where}: begins before the recording or runs backwards"
        hint = "BIDS counts from the recording's start here; cut the event, or leave it out"
        found = f"onset {row['onset']}, duration {row['duration']}"
        raise FormatError(message, path=path, expected="0 ≤ onset", found=found, hint=hint)
    more = {name: "" if row.get(name) == NONE else row.get(name, "") for name in EXTRA_COLUMNS}
    interval = RawInterval(
        where,
        row[label_column],
        t_start,
        t_stop,
        label_id=more["label_id"],
        annotator=more["annotator"],
        confidence=parse_confidence(more["confidence"], where, path=path),
        source=more["source"],
    )
    return where, interval, start == t_start and stop == t_stop


def _seconds(text: str, where: str, what: str, path: str) -> Fraction:
    value = Fraction(text) if _SECONDS.fullmatch(text) else None
    if value is None or abs(value) > LIMIT_S:
        message = f"{where}: {what} is no time"
        hint = "a sample needs an end: say how long it lasts" if text == NONE else ""
        found = repr(text)
        raise FormatError(message, path=path, expected="seconds, as 1.5", found=found, hint=hint)
    return value


def _findings(path: str, unnamed: list[str], fine: list[str], left: list[str]) -> list[Finding]:
    said = []
    if unnamed:
        said.append((f"{len(unnamed)} events without a class were passed over", unnamed[0]))
    if fine:
        said.append((f"{len(fine)} times are finer than 1 µs and were rounded to it", fine[0]))
    if left:
        said.append((f"columns that labels have no place for: {', '.join(left)}", "line 1"))
    return [
        Finding(
            severity=Severity.INFO, where=f"{path}: {where}", message=message, check="label-import"
        )
        for message, where in said
    ]


FORMAT = Bids()
