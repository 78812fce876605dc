"""A chip's configuration as text with one spelling: short lines, so that two can be compared.

Groups of a few numbers and rows of weights stand on one line each; all else is indented. The same
configuration always gives the same bytes, so ``git diff`` shows just the weights that changed.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 100
"""Groups of plain values that fit into so many letters stand on one line."""


def config_text(config: Mapping[str, Any]) -> str:
    r"""Return a configuration as JSON: fields in their order, one row of numbers a line.

    Examples:
        >>> config = {"stride": {"x": 1, "y": 2}, "weights": [[[1, 2], [3, 4]]]}
        >>> print(config_text(config), end="")
        {
         "stride": {"x": 1, "y": 2},
         "weights": [
          [
           [1, 2],
           [3, 4]
          ]
         ]
        }
    """
    return "\n".join(_lines(dict(config), "", None)) + "\n"


def _lines(value: object, indent: str, name: str | None) -> Iterator[str]:
    """Yield the lines of a value; the first begins with its name."""
    head = indent if name is None else f"{indent}{_short(name)}: "
    short = _is_short(value, WIDTH - len(head))
    members: list[tuple[str | None, object]] = []
    brackets = "{}"
    if isinstance(value, dict) and not short:
        members = list(value.items())
    elif isinstance(value, list) and not short:
        brackets, members = "[]", [(None, item) for item in value]
    if not members:
        yield head + _short(value)
        return
    yield head + brackets[0]
    for at, (key, item) in enumerate(members):
        *before, last = _lines(item, indent + " ", key)
        yield from before
        yield last + ("," if at + 1 < len(members) else "")
    yield indent + brackets[1]


def _is_short(value: object, room: int) -> bool:
    """Say whether a value stands on one line: a row whatever its length, a group that fits."""
    if isinstance(value, list):
        return not any(isinstance(item, (list, dict)) for item in value)
    if isinstance(value, dict):
        return _is_plain(value) and len(_short(value)) <= room
    return True


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(item) for item in value.values())
    return not isinstance(value, list) or not any(isinstance(v, (list, dict)) for v in value)


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
