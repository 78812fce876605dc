"""From what a file says to labels of recordings: whose, when, which class.

Times of a source's own clock lose the recording's origin; numbers of classes become names where a
table says them. What lies before its recording is cut to it, with a warning, or is an error where
nothing of it is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from catalog.labels.box_checks import Extent
from catalog.labels.boxes import NO_ID, Boxes
from catalog.labels.formats.choose import choose_format
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    LabelFormat,
    RawInterval,
    Times,
)
from catalog.labels.intervals import Label
from catalog.labels.recording_names import RecordingNames
from catalog.recording_table import by_column
from catalog.tsv import Table
from eventstore.errors import InvalidInput, MissingContent, NotFound
from eventstore.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How files of labels are to be read.

    Args:
        format: name of their format; told by what they hold where None.
        recording: the recording that the file is about; found by the file's name where None.
        times: what their times count from; what the format says where None.
        names: name of each class by its number or spelling; kept as they are where None.
        annotator: who gave the labels, where the file does not say.
        source: where they come from, where the file does not say.
        reading: what the reader of the format has to be told.
    """

    format: str | None = None
    recording: str | None = None
    times: Times | None = None
    names: Mapping[str, str] | None = None
    annotator: str = ""
    source: str = ""
    reading: FormatOptions = field(default_factory=FormatOptions)


@dataclass(frozen=True, slots=True)
class Recordings:
    """What the recordings of a dataset span, and how to find them."""

    names: RecordingNames
    extents: Mapping[str, Extent]
    origins: Mapping[str, int]

    @classmethod
    def of_table(cls, table: Table) -> "Recordings":
        """Take them from ``recordings.tsv``."""
        rows = {row["recording_id"]: row for row in by_column(table)}
        numbers = ("t_stop_us", "width", "height")
        return cls(
            RecordingNames({name: row["source"] for name, row in rows.items()}),
            {name: Extent(*(int(row[n]) for n in numbers)) for name, row in rows.items()},
            {name: int(row["t_origin_us"]) for name, row in rows.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreted:
    """Labels and boxes that files say.

    Args:
        labels: intervals, in the order of the files.
        boxes: boxes; None where no file has any.
        recordings: the recordings that the files are about, with or without labels.
        formats: the formats that the files were in.
        findings: what did not fit.
    """

    labels: tuple[Label, ...] = ()
    boxes: Boxes | None = None
    recordings: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def interpret_files(
    paths: Sequence[Path], recordings: Recordings, options: ImportOptions
) -> Interpreted:
    """Read files of labels and say what they mean for recordings.

    Raises:
        NotFound: no such file, format or recording.
        FormatError: a file is not in its format; says where.
        InvalidInput: a name may mean several recordings, or a class has no name in the table.
    """
    if options.recording is not None and len(paths) != 1:
        message = f"one recording, {options.recording}, for {len(paths)} files"
        raise InvalidInput(message, hint="import them one by one, or let their names tell")
    found = [_of_file(path, recordings, options) for path in paths]
    boxes = [one.boxes for one in found if one.boxes is not None]
    return Interpreted(
        labels=tuple(label for one in found for label in one.labels),
        boxes=Boxes.joined(boxes) if boxes else None,
        recordings=frozenset().union(*(one.recordings for one in found)),
        formats=frozenset().union(*(one.formats for one in found)),
        findings=tuple(finding for one in found for finding in one.findings),
    )


def _of_file(path: Path, recordings: Recordings, options: ImportOptions) -> Interpreted:
    data = _read_bytes(path)
    form = choose_format(options.format, str(path), data)
    said = form.read(data, str(path), options.reading)
    whose, about = _whose(path, form, said, recordings, options)
    absolute = (options.times or form.times) is Times.SOURCE
    origins = {name: recordings.origins[name] if absolute else 0 for name in about}
    names = ClassNames(options.names, str(path))
    labels: list[Label] = []
    findings = list(said.findings)
    for raw, recording in zip(said.intervals, whose, strict=True):
        end = recordings.extents[recording].t_stop_us
        label, found = _label(raw, recording, origins[recording], end, names=names)
        findings += [replace(f, where=f"{path}: {raw.where}: {f.where}") for f in found]
        labels += [label] if label is not None else []
    boxes = None
    if said.boxes is not None:
        (recording,) = about
        boxes, found = _boxes(said.boxes, recording, origins[recording], names)
        findings += found
    return Interpreted(
        labels=tuple(_signed(label, options) for label in labels),
        boxes=boxes,
        recordings=about,
        formats=frozenset({form.name}),
        findings=tuple(findings),
    )


def _whose(
    path: Path,
    form: LabelFormat,
    said: LabelFile,
    recordings: Recordings,
    options: ImportOptions,
) -> tuple[list[str], frozenset[str]]:
    """Return the recording of each interval, and all that the file is about."""
    names, one = recordings.names, options.recording
    if form.lists_recordings:
        if one is not None:
            message = f"{path} lists recordings, so it is not about {one} alone"
            raise InvalidInput(message, hint="leave --recording out")
        whose = [names.of_path(x.recording, f"{path}: {x.where}") for x in said.intervals]
        return whose, frozenset(whose)
    name = names.of_file(str(path)) if one is None else names.of_id(one)
    return [name] * len(said.intervals), frozenset({name})


def _read_bytes(path: Path) -> bytes:
    if path.is_symlink() and not path.exists():
        message = f"the content of {path} is not on this machine"
        raise MissingContent(message, hint=f"git annex get {path}")
    if not path.is_file():
        message = f"no file {path}"
        raise NotFound(message, hint="check the spelling and the current folder")
    return path.read_bytes()


@dataclass(frozen=True, slots=True)
class ClassNames:
    """A table of class names, and the file it is applied to."""

    table: Mapping[str, str] | None
    path: str

    def of(self, said: str, where: str) -> tuple[str, str]:
        """Return the name of a class, and its number where that is another text."""
        if self.table is None:
            return said, ""
        if said not in self.table:
            known = ", ".join(f"{k} {v}" for k, v in list(self.table.items())[:12])
            message = f"{self.path}: {where}: class {said!r} has no name (known: {known})"
            raise InvalidInput(message, hint="add it to the table of --classes, or leave that out")
        return self.table[said], said


def _label(
    raw: RawInterval, recording: str, origin: int, end: int, *, names: ClassNames
) -> tuple[Label | None, list[Finding]]:
    name, number = names.of(raw.label, raw.where)
    start, stop = 0, end
    if raw.t_start_us is not None and raw.t_stop_us is not None:
        start, stop = raw.t_start_us - origin, raw.t_stop_us - origin
    label = Label(
        recording,
        max(start, 0),
        max(stop, 0),
        name,
        label_id=number or raw.label_id,
        annotator=raw.annotator,
        confidence=raw.confidence,
        source=raw.source,
    )
    if stop < 0:
        message = f"{name!r} ends {-stop} µs before the recording's start at {origin} µs"
        hint = "are these times of the recording, not of its source? --times recording"
        return None, [_finding(Severity.ERROR, recording, message, hint)]
    if start < 0:
        message = f"{name!r} begins {-start} µs before the recording; cut to it"
        return label, [_finding(Severity.WARNING, recording, message, "")]
    return label, []


def _signed(label: Label, options: ImportOptions) -> Label:
    return label._replace(
        annotator=label.annotator or options.annotator, source=label.source or options.source
    )


def _boxes(
    boxes: Boxes, recording: str, origin: int, names: ClassNames
) -> tuple[Boxes, list[Finding]]:
    times = boxes.t - origin
    early = times < 0
    found = []
    if early.any():
        message = f"{int(early.sum()):,} of {len(boxes):,} boxes lie before the recording's start"
        hint = "are these times of the recording, not of its source? --times recording"
        where = f"{names.path}: {recording}"
        found.append(_finding(Severity.ERROR, where, f"{message} at {origin} µs", hint))
        boxes, times = boxes.take(np.flatnonzero(~early)), times[~early]
    told = [names.of(name, "a box") for name in boxes.label_names]
    classes = [told[code][0] for code in boxes.label.tolist()]
    numbers = [int(n) if n.isascii() and n.isdecimal() else NO_ID for _, n in told]
    return Boxes.of(
        recording_id=recording,
        t=times,
        x=boxes.x,
        y=boxes.y,
        w=boxes.w,
        h=boxes.h,
        label=classes,
        label_id=np.array([*numbers, NO_ID], np.int64)[boxes.label],
        track_id=boxes.track_id,
        confidence=boxes.confidence,
    ), found


def _finding(severity: Severity, where: str, message: str, fix: str) -> Finding:
    return Finding(
        severity=severity, where=where, message=message, check="outside-recording", fix=fix
    )
