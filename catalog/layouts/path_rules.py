"""What a path says of a recording, by patterns and templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
        part: name of the recording in its file, where that holds several.
        groups: all that the patterns' groups hold.
    """

    id: str
    label: str = ""
    fold: str = ""
    key: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)


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

    def match(self, file: PlacedFile) -> dict[str, str] | None:
        """Return the groups that a file's path has; None where no pattern fits."""
        for pattern in self.patterns:
            fits = pattern.fullmatch(file.full)
            if fits is not None:
                return _groups(fits)
        return None

    def place(
        self, file: PlacedFile, groups: Mapping[str, str], item: SourceItem, *, alone: bool
    ) -> Place:
        """Return what is said of one recording of a file.

        Args:
            file: the file.
            groups: what its path says.
            item: the recording.
            alone: it is the only one of the file.

        Raises:
            InvalidInput: a template names a group that no pattern has.
        """
        options = self.options
        inner = self.parts.fullmatch(item.part) if self.parts else None
        said = {**groups, **(_groups(inner) if inner else {})}
        bare = file.bare
        known = {"stem": file.stem, "place": bare, "part": item.part, **said}
        own = said.get("id") or (bare if alone else f"{bare}/{item.part.strip('/')}")
        name = fill(options.id, known) or own
        inside = (item.label, item.fold) if item.part else (None, None)  # else the folders'
        label = fill(options.label, known) or said.get("label") or inside[0] or ""
        fold = fill(options.fold, known) or said.get("fold") or inside[1] or ""
        columns = {k: v for k, v in said.items() if k not in OWN}
        columns |= {column: fill(text, known) for column, text in options.columns.items()}
        return Place(
            id=name,
            label=self._class(renamed(label, options.labels)),
            fold=self.facts.folds.get(file.source) or renamed(fold, options.folds).lower(),
            key=fill(options.key, known) or said.get("key") or name,
            columns={k: renamed(v, options.rename.get(k, {})) for k, v in columns.items()},
            part=item.part,
            groups=known,
        )

    def _class(self, label: str) -> str:
        by_class = self.options.by_class and label
        return class_name(label, self.facts.classes) if by_class else label


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
        raise InvalidInput(message, hint=f"classes are numbered from 0 to {len(classes) - 1}")
    return classes[int(label)]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return the other name of a text: that of the first pattern it fits, or the text itself.

    Examples:
        >>> [renamed(text, {"[0-4]": "test", ".+": "train"}) for text in ("0", "7", "")]
        ['test', 'train', '']
    """
    if text in names:
        return names[text]
    fitting = (new for old, new in names.items() if compile_pattern(old, old).fullmatch(text))
    return next(fitting, text)


def _groups(fits: re.Match[str]) -> dict[str, str]:
    return {name: text or "" for name, text in fits.groupdict().items()}


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
