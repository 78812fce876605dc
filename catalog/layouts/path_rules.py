"""What a path says of a recording, by patterns and templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from catalog.layouts.placed import PlacedFile
from catalog.layouts.protocol import LayoutFacts
from eventstore.errors import InvalidInput
from eventstore.readers.source_item import SourceItem

if TYPE_CHECKING:
    from catalog.layouts.paths import PathsOptions

OWN = frozenset({"id", "label", "fold", "key"})
"""Groups that are no columns."""

_GROUP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a path says.

    Args:
        id: the recording's id.
        label: its class; empty where the path says none.
        fold: its fold.
        key: its name in lists.
        columns: what else it says, by column.
    """

    id: str
    label: str = ""
    fold: str = ""
    key: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """Patterns and templates, ready to use."""

    patterns: tuple[re.Pattern[str], ...]
    parts: re.Pattern[str] | None
    options: "PathsOptions"
    facts: LayoutFacts

    @classmethod
    def of(cls, options: "PathsOptions", facts: LayoutFacts) -> "PathRules":
        """Compile the options of a layout.

        Raises:
            InvalidInput: there is no pattern, or one is no regular expression.
        """
        texts = (*options.patterns, *([options.pattern] if options.pattern else []))
        if not texts:
            message = "the layout 'paths' has no pattern"
            hint = "give one, such as pattern = '(?P<label>[^/]+)/[^/]+\\.bin'"
            raise InvalidInput(message, hint=hint)
        patterns = tuple(compile_pattern(f"(?:.*/)?(?:{text})", text) for text in texts)
        parts = compile_pattern(options.parts, options.parts) if options.parts else None
        return cls(patterns=patterns, parts=parts, options=options, facts=facts)

    def place(self, file: PlacedFile) -> Place | None:
        """Return what a file's path says; None where no pattern fits.

        Raises:
            InvalidInput: a template names a group that no pattern has.
        """
        for pattern in self.patterns:
            fits = pattern.fullmatch(file.full)
            if fits is not None:
                return self._place(file, {k: v or "" for k, v in fits.groupdict().items()})
        return None

    def of_part(self, place: Place, item: SourceItem, *, alone: bool) -> tuple[SourceItem, Place]:
        """Return a recording of a file under the file's id, with what its own name says."""
        said = self.parts.fullmatch(item.part) if self.parts and item.part else None
        groups = {k: v or "" for k, v in said.groupdict().items()} if said else {}
        own = groups.get("id") or item.part.strip("/")
        name = place.id if alone else f"{place.id}/{own}"
        columns = {**place.columns, **{k: v for k, v in groups.items() if k not in OWN}}
        fold = groups.get("fold") or place.fold or (item.fold or "" if item.part else "")
        label = groups.get("label") or place.label or (item.label or "" if item.part else "")
        placed = replace(place, id=name, fold=fold, label=label, columns=columns)
        return replace(item, recording_id=name), placed

    def _place(self, file: PlacedFile, groups: Mapping[str, str]) -> Place:
        options = self.options
        stem = str(PurePosixPath(file.place).with_suffix(""))
        known = {"stem": PurePosixPath(file.place).stem, "place": stem, **groups}
        name = fill(options.id, known) or groups.get("id") or stem
        label = fill(options.label, known) or groups.get("label", "")
        fold = fill(options.fold, known) or groups.get("fold", "")
        whole = self.facts.folds.get(file.source, "")
        columns = {k: v for k, v in groups.items() if k not in OWN}
        columns |= {column: fill(text, known) for column, text in options.columns.items()}
        return Place(
            id=name,
            label=self._class(renamed(label, options.labels)),
            fold=whole or renamed(fold, options.folds).lower(),
            key=fill(options.key, known) or groups.get("key") or name,
            columns=columns,
        )

    def _class(self, label: str) -> str:
        return class_name(label, self.facts.classes) if self.options.by_class else label


def class_name(label: str, classes: tuple[str, ...]) -> str:
    """Return the class whose number a label is.

    Raises:
        InvalidInput: there is no such class.

    Examples:
        >>> class_name("1", ("cat", "dog"))
        'dog'
    """
    if not label.isdecimal() or int(label) >= len(classes):
        message = f"label {label!r} is no number of a class"
        raise InvalidInput(message, hint=f"there are {len(classes)} classes, counted from 0")
    return classes[int(label)]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return the other name of a text, or the text itself.

    Examples:
        >>> [renamed(text, {"0": "test", "*": "train"}) for text in ("0", "7", "")]
        ['test', 'train', '']
    """
    return names.get(text, names.get("*", text)) if text else text


def fill(template: str, groups: Mapping[str, str]) -> str:
    """Return a template with its groups filled in.

    Raises:
        InvalidInput: it names a group that is not there.

    Examples:
        >>> fill("{subject}/{stem}", {"subject": "u1", "stem": "3"})
        'u1/3'
    """
    unknown = [name for name in _GROUP.findall(template) if name not in groups]
    if unknown:
        message = f"template {template!r} names {unknown[0]!r}, which no pattern has"
        raise InvalidInput(message, hint=f"there are {', '.join(sorted(groups))}")
    return _GROUP.sub(lambda group: groups[group[1]], template)


def compile_pattern(pattern: str, said: str) -> re.Pattern[str]:
    """Compile a pattern.

    Raises:
        InvalidInput: it is no regular expression.

    Examples:
        >>> compile_pattern("a+", "a+").fullmatch("aa") is not None
        True
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        message = f"pattern {said!r} is no regular expression ({error})"
        raise InvalidInput(message, hint="see Python's re; groups are (?P<label>…)") from error
