"""Files beside a recording that label it: a table of intervals, or boxes."""

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from catalog.labels.boxes import Boxes
from catalog.layouts.box_files import BOX_FILES
from catalog.layouts.path_rules import Place, class_name, fill, renamed
from catalog.layouts.placed import PlacedFile
from eventstore.errors import FormatError, NotFound
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.layouts.paths import PathsOptions

Interval = tuple[int, int, str]
"""Start and stop in µs of the source's clock, and the label."""

_COLUMNS = (
    ("class", "label"),
    ("starttime_usec", "start_us", "t_start_us"),
    ("endtime_usec", "stop_us", "t_stop_us"),
)
"""Names that a table's columns of class, start and stop may have."""


class Beside:
    """The files of a dataset, to be found from the recordings they lie beside.

    Args:
        files: all of them.
        options: of the layout: where the tables and boxes of a recording lie.
        classes: names of the classes of boxes.
    """

    def __init__(
        self, files: Sequence[PlacedFile], options: "PathsOptions", classes: tuple[str, ...]
    ) -> None:
        self._by_path = {file.full: file for file in files}
        self._options = options
        self._classes = classes
        self.used: set[str] = set()
        self.absent: list[str] = []

    def intervals(self, file: PlacedFile, place: Place) -> list[Interval]:
        """Return the labelled intervals of a recording; none where it has no table.

        Raises:
            FormatError: the table is none.
        """
        found = self._find(file, place, self._options.intervals_at)
        if found is None:
            return []
        return [(start, stop, self._named(label)) for start, stop, label in parse_intervals(found)]

    def boxes(self, file: PlacedFile, place: Place) -> Boxes | None:
        """Return the boxes of a recording, times of the source's clock; None where it has none.

        Raises:
            NotFound: there is no such form of boxes.
            FormatError: the file of boxes is none.
        """
        form = self._options.boxes
        if not form:
            return None
        if form not in BOX_FILES:
            what = "form of boxes"
            raise NotFound.among(what, form, BOX_FILES)
        found = self._find(file, place, self._options.boxes_at)
        return None if found is None else BOX_FILES[form](found, place, self._classes)

    def findings(self) -> list[Finding]:
        """Say which recordings have no file beside them that they should have."""
        if not self.absent:
            return []
        have = "recordings have" if len(self.absent) > 1 else "recording has"
        message = f"{len(self.absent):,} {have} no file of labels beside it"
        fix = "the copy is incomplete: fetch and unpack all of it"
        where = self.absent[0]
        return [
            Finding(
                severity=Severity.WARNING, where=where, message=message, fix=fix, check="no-labels"
            )
        ]

    def _find(self, file: PlacedFile, place: Place, template: str) -> PlacedFile | None:
        if not template:
            return None
        path = fill(template, {"stem": file.stem, **place.groups})
        at = _joined(PurePosixPath(file.full).parent, path)
        if at not in self._by_path:
            self.absent.append(at)
            return None
        self.used.add(at)
        return self._by_path[at]

    def _named(self, label: str) -> str:
        label = renamed(label, self._options.labels)
        return class_name(label, self._classes) if self._options.by_class else label


def parse_intervals(file: PlacedFile) -> list[Interval]:
    """Read a table of intervals: class, start and stop in µs, parted by commas, with a head.

    Raises:
        FormatError: a column is missing, or a line holds no interval.
    """
    lines = list(csv.reader(file.text().splitlines()))
    head = [name.strip().lower() for name in lines[0]] if lines else []
    at = [next((head.index(name) for name in names if name in head), -1) for names in _COLUMNS]
    if -1 in at:
        message, expected = "no table of intervals", "class,startTime_usec,endTime_usec"
        found = ",".join(head) or "an empty file"
        raise FormatError(message, path=file.item.name, expected=expected, found=found)
    intervals = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in line):
            continue
        cells = [line[i].strip() if i < len(line) else "" for i in at]
        label, start, stop = cells
        if not (label and start.isdecimal() and stop.isdecimal() and int(start) <= int(stop)):
            message, expected = f"line {number} holds no interval", "class, start ≤ stop in µs"
            found = repr(",".join(line))
            raise FormatError(message, path=file.item.name, expected=expected, found=found)
        intervals.append((int(start), int(stop), label))
    return intervals


def overlaps(intervals: Mapping[str, Sequence[Interval]]) -> list[Finding]:
    """Say of each recording whose intervals overlap where they do.

    Examples:
        >>> (found,) = overlaps({"u1": [(0, 9, "wave"), (7, 12, "clap")]})
        >>> found.message
        "'wave' ends at 9 µs, after 'clap' begins at 7 µs"
    """
    findings = []
    for name, rows in intervals.items():
        ordered = sorted(rows)
        for (_, stop, label), (start, _, following) in pairwise(ordered):
            if start < stop:
                message = f"{label!r} ends at {stop} µs, after {following!r} begins at {start} µs"
                fix = "kept as published; correct it with a patch (spikelake label)"
                findings.append(
                    Finding(
                        severity=Severity.WARNING,
                        where=name,
                        message=message,
                        fix=fix,
                        check="label-overlap",
                    )
                )
    return findings


def _joined(folder: PurePosixPath, path: str) -> str:
    parts = list(folder.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)
