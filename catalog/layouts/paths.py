r"""Recordings whose path says what they are: label, fold, subject by a regular expression.

    pattern = 'Train/(?P<label>\d)/\d+\.bin'

Patterns are held against the end of ``SOURCE/path/in/it``, from a slash on. Groups named ``label``
and ``fold`` are what they are called, ``id`` is the recording's id (else its path without suffix),
``key`` its name in lists; every other group becomes a column of ``recordings.tsv``. Templates put
groups together: ``fold = "{index}"`` with ``folds = {"[0-4]" = "test", ".+" = "train"}``. A list
beside the recordings gives fold or label to those that it names.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from catalog.intake import Intake
from catalog.labels.boxes import Boxes
from catalog.layouts.beside import Beside, Interval, overlaps
from catalog.layouts.name_lists import NameLists, read_lists
from catalog.layouts.options import read_options
from catalog.layouts.path_rules import PathRules, Place
from catalog.layouts.placed import PlacedFile, placed_files
from catalog.layouts.protocol import LayoutFacts
from catalog.recording_table import Provenance
from eventstore.errors import NotFound
from eventstore.findings import Finding, Severity
from eventstore.readers.archive import is_archive, list_recordings
from eventstore.readers.source_item import SourceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsOptions:
    """Options of the layout; what a template puts together is described above.

    Args:
        pattern: one pattern.
        patterns: or several, of which the first that fits a path counts.
        reader: reader of the recordings, with its options; found by looking where empty.
        id: template of the recording's id.
        label: template of the label.
        fold: template of the fold.
        key: template of the name in lists.
        labels: other names of labels, by pattern; the first that fits counts.
        folds: other names of folds, likewise.
        columns: templates of columns.
        rename: other names of what columns hold, likewise for each column.
        parts: pattern that names a file's own recordings, whose groups become columns.
        lists: list of each fold, by its path; a line names a recording.
        label_list: list that gives each recording its label.
        line: pattern of a list's line, with groups ``key`` and ``label``.
        by_class: labels are numbers of classes, counted from 0.
        intervals_at: template of the path of a recording's table of intervals, from its folder.
        boxes: form of the boxes beside recordings: a name of `catalog.layouts.box_files`.
        boxes_at: template of the path of a recording's boxes, from its folder.
        repairs: what to change in the events.
    """

    pattern: str = ""
    patterns: tuple[str, ...] = ()
    reader: str = ""
    id: str = ""
    label: str = ""
    fold: str = ""
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    folds: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parts: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    label_list: str = ""
    line: str = r"(?P<key>\S+)"
    by_class: bool = False
    intervals_at: str = ""
    boxes: str = ""
    boxes_at: str = ""
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paths:
    """Layout of recordings whose path says what they are."""

    name: ClassVar[str] = "paths"

    def intake(self, sources: Sequence[Path], facts: LayoutFacts) -> Intake:
        """List the recordings whose path fits a pattern.

        Raises:
            NotFound: no path fits, or a list is not there.
            InvalidInput: a pattern or template is none.
            FormatError: a list is damaged, or an archive is.
        """
        options = read_options(PathsOptions, self.name, facts.options)
        return intake_by_path(placed_files(sources), options, facts)


LAYOUT = Paths()

_PACKED = frozenset({".7z", ".rar", ".zst"})
"""Archives that are not read in place."""


def intake_by_path(
    files: Sequence[PlacedFile], options: PathsOptions, facts: LayoutFacts
) -> Intake:
    """List the recordings among files by their paths, and by what lies beside them."""
    rules = PathRules.of(options, facts)
    lists = read_lists(files, options)
    beside = Beside(files, options, facts.classes)
    intake, boxes, places = _Gathered(lists), [], []
    others: list[str] = []
    for file in files:
        groups = rules.match(file)
        if groups is None:
            others.append(file.full)
            continue
        items = list_recordings(file.item, options.reader or None)
        for item in items:
            place = rules.place(file, groups, item, alone=len(items) == 1)
            places.append((item, place))
            intake.add(replace(item, recording_id=place.id), place, beside.intervals(file, place))
            found = beside.boxes(file, place)
            boxes += [found] if found is not None else []
    if not places:
        raise _nothing(files, options)
    findings = [
        *_passed_over(others, {*lists.paths, *beside.used}),
        *lists.findings(places),
        *beside.findings(),
        *overlaps(intake.intervals),
    ]
    return Intake(
        intake.items,
        intake.provenance,
        intake.labels,
        findings,
        intake.columns,
        intake.intervals,
        boxes=Boxes.joined(boxes) if boxes else None,
        repairs=options.repairs,
    )


class _Gathered:
    """What is known of the recordings so far, by their ids."""

    def __init__(self, lists: NameLists) -> None:
        self._lists = lists
        self.items: list[SourceItem] = []
        self.provenance: dict[str, Provenance] = {}
        self.labels: dict[str, str] = {}
        self.columns: dict[str, dict[str, str]] = {}
        self.intervals: dict[str, list[Interval]] = {}

    def add(self, item: SourceItem, place: Place, intervals: list[Interval]) -> None:
        name = item.recording_id
        self.items.append(item)
        fold = self._lists.folds.get(place.key, place.fold)
        self.provenance[name] = Provenance(item.source, fold)
        label = self._lists.labels.get(place.key, place.label)
        if label:
            self.labels[name] = label
        if intervals:
            self.intervals[name] = intervals
        for column, value in place.columns.items():
            if value:
                self.columns.setdefault(column, {})[name] = value


def _passed_over(others: Sequence[str], used: Collection[str]) -> list[Finding]:
    rest = [name for name in others if name not in used]
    if not rest:
        return []
    kinds = Counter(Path(name).suffix.lower() or "no suffix" for name in rest)
    said = ", ".join(f"{n:,} of {suffix}" for suffix, n in kinds.most_common(4))
    are = "files are no recordings" if len(rest) > 1 else "file is no recording"
    message = f"{len(rest):,} {are} by the path ({said})"
    return [Finding(severity=Severity.INFO, where=rest[0], message=message, check="other-files")]


def _nothing(files: Sequence[PlacedFile], options: PathsOptions) -> NotFound:
    shown = ", ".join(file.full for file in files[:3]) or "none"
    wanted = " or ".join(options.patterns or (options.pattern,))
    message = (
        f"none of {len(files):,} files is a recording: no path ends in {wanted}, such as {shown}"
    )
    packed = [f.full for f in files if Path(f.full).suffix.lower() in _PACKED]
    inner = packed or [file.full for file in files if is_archive(Path(file.full))]
    hint = f"unpack {inner[0]} into a folder, and ingest that" if inner else "change the pattern"
    return NotFound(message, hint=hint)
