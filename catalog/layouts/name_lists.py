"""Lists beside recordings that name those of a fold, or give labels: ``trials_to_train.txt``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from catalog.layouts.path_rules import Place, compile_pattern
from catalog.layouts.placed import PlacedFile
from eventstore.errors import FormatError, NotFound
from eventstore.findings import Finding, Severity
from eventstore.readers.source_item import SourceItem

if TYPE_CHECKING:
    from catalog.layouts.paths import PathsOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLists:
    """What lists say of recordings, by their names in the lists.

    Args:
        paths: the lists' own paths.
        folds: fold of each name.
        labels: label of each name.
    """

    paths: frozenset[str] = frozenset()
    folds: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def findings(self, found: Sequence[tuple[SourceItem, Place]]) -> list[Finding]:
        """Say which names have no recording, and which recordings no list names."""
        there = {place.key: item.name for item, place in found}
        said = {place.key for _, place in found if place.fold or place.label}
        named = self.folds.keys() | self.labels.keys()
        findings = []
        absent = sorted(named - there.keys())
        if absent:
            are = "are" if len(absent) > 1 else "is"
            message = f"{len(absent):,} of {len(named):,} listed recordings {are} not there"
            fix = "the copy is incomplete: fetch and unpack all of it"
            findings.append(_warning(absent[0], message, fix, "listed-not-there"))
        without = sorted(there.keys() - named - said) if named else []
        if without:
            are = "are" if len(without) > 1 else "is"
            message = f"{len(without):,} of {len(there):,} recordings {are} in no list"
            fix = "give what has no fold or label one, or leave it out"
            findings.append(_warning(there[without[0]], message, fix, "not-listed"))
        return findings


def read_lists(files: Sequence[PlacedFile], options: "PathsOptions") -> NameLists:
    """Read the lists that the options of a layout name.

    Raises:
        NotFound: a list is not there.
        FormatError: a line is not what the pattern says, or a name has two folds.
    """
    line = compile_pattern(options.line, options.line)
    paths: set[str] = set()
    folds: dict[str, str] = {}
    labels: dict[str, str] = {}
    wanted = [(fold, path) for fold, path in options.lists.items()]
    wanted += [("", options.label_list)] if options.label_list else []
    for fold, path in wanted:
        file = find_file(files, path)
        paths.add(file.full)
        for number, key, label in _lines(file, line):
            if fold and folds.setdefault(key, fold) != fold:
                message = f"line {number} names {key!r}, which is in the list of {folds[key]} too"
                raise FormatError(message, path=file.item.name, hint="fetch the lists again")
            if label:
                labels[key] = label
    return NameLists(paths=frozenset(paths), folds=folds, labels=labels)


def find_file(files: Sequence[PlacedFile], name: str) -> PlacedFile:
    """Return the one file of a name.

    Raises:
        NotFound: there is none.
        FormatError: there are several.
    """
    found = [file for file in files if file.ends_with(name)]
    if not found:
        names = {PurePosixPath(file.full).name for file in files}
        what, hint = "file", "fetch and unpack all of the dataset"
        raise NotFound.among(what, name, names, hint=hint)
    if len(found) > 1:
        message = f"several files are called {name}"
        others = ", ".join(file.full for file in found[:3])
        raise FormatError(message, path=found[0].item.name, found=others, hint="keep one of them")
    return found[0]


def _lines(file: PlacedFile, line: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    for number, text in enumerate(file.text().splitlines(), start=1):
        if not text.strip():
            continue
        fits = line.fullmatch(text.strip())
        if fits is None or "key" not in line.groupindex:
            message = f"line {number} names no recording"
            raise FormatError(
                message, path=file.item.name, expected=line.pattern, found=repr(text[:80])
            )
        groups = fits.groupdict()
        yield number, groups["key"], groups.get("label") or ""


def _warning(where: str, message: str, fix: str, check: str) -> Finding:
    return Finding(severity=Severity.WARNING, where=where, message=message, fix=fix, check=check)
