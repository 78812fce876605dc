"""Fields of the card that differ between two states."""

import json
from collections.abc import Iterator, Mapping

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.strict_yaml import parse_yaml
from eventstore.errors import FormatError

CITED = "name"
"""The field that references begin with: with another, nothing that was cited is found."""


def card_changes(before: str, after: str) -> Iterator[Change]:
    r"""Yield the fields that differ between two texts of ``dataset.yaml``, nested ones by path.

    Raises:
        FormatError: one of them is not YAML.

    Examples:
        >>> [change] = card_changes("name: a\nlens: {f: 8}\n", "name: a\nlens: {f: 12}\n")
        >>> str(change), change.bump.text
        ('card lens.f changed: 8 → 12', 'patch')
    """
    if before == after:
        return
    old, new = dict(_fields(before)), dict(_fields(after))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name, "") == new.get(name, ""):
            continue
        how = How.ADDED if not old.get(name) else How.CHANGED if new.get(name) else How.REMOVED
        yield Change(
            what="card",
            name=name,
            how=how,
            bump=Bump.MAJOR if name == CITED else Bump.PATCH,
            before=old.get(name, ""),
            after=new.get(name, ""),
        )


def _fields(text: str) -> Iterator[tuple[str, str]]:
    content = parse_yaml(text, path="dataset.yaml", unique=False) if text else {}
    if not isinstance(content, Mapping):
        message = "not a mapping of card fields"
        raise FormatError(message, path="dataset.yaml")
    yield from _flat("", content)


def _flat(prefix: str, content: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{key}.", value)
        elif isinstance(value, str):
            yield f"{prefix}{key}", value
        else:
            empty = value is None or value == []
            yield (
                f"{prefix}{key}",
                "" if empty else json.dumps(value, ensure_ascii=False, default=str),
            )
