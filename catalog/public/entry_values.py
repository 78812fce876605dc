"""Values of an entry, from what TOML gives: checked one by one, named where they are wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, cast

from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def filled(value: "DataclassInstance") -> dict[str, object]:
    """Return the fields of a dataclass that say something, as plain values."""
    content = {}
    for name in (f.name for f in fields(value)):
        part = getattr(value, name)
        if part not in ("", (), None, {}):
            content[name] = list(part) if isinstance(part, tuple) else _plain(part)
    return content


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value


def check_keys(what: str, content: Mapping[str, object], known: Iterable[str]) -> None:
    """Refuse a key that nobody knows.

    Raises:
        NotFound: names the nearest one.
    """
    names = list(known)
    for key in content:
        if key not in names:
            raise NotFound.among(what, key, names)


def read_text(key: str, value: object) -> str:
    """Return a text.

    Raises:
        InvalidInput: it is something else.

    Examples:
        >>> read_text("title", "N-MNIST")
        'N-MNIST'
    """
    if not isinstance(value, str):
        message = f"{key} is {value!r}"
        raise InvalidInput(message, hint="write a text in quotes")
    return value


def read_texts(key: str, value: object) -> tuple[str, ...]:
    """Return a list of texts; raises as `read_text`."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        message = f"{key} is {value!r}"
        raise InvalidInput(message, hint="write a list of texts in quotes")
    return tuple(value)


def read_table(key: str, value: object) -> Mapping[str, object]:
    """Return a table; raises as `read_text`."""
    if not isinstance(value, Mapping):
        message = f"{key} is {value!r}"
        raise InvalidInput(message, hint=f"write a table [{key}]")
    return cast("Mapping[str, object]", value)


def read_tables(key: str, value: object) -> list[Mapping[str, object]]:
    """Return a list of tables; raises as `read_text`."""
    if not isinstance(value, list | tuple):
        message = f"{key} is {value!r}"
        raise InvalidInput(message, hint=f"write a table [[{key}]] for each")
    return [read_table(key, item) for item in value]


def read_sensor(value: object) -> tuple[int, int] | None:
    """Return width and height, or None; raises as `read_text`."""
    if value is None:
        return None
    whole = isinstance(value, list | tuple) and len(value) == 2
    if not whole or not all(type(n) is int and n > 0 for n in cast("list[object]", value)):
        message = f"sensor is {value!r}"
        raise InvalidInput(message, hint="write [width, height], or [channels, 1] for sound")
    width, height = cast("list[int]", value)
    return width, height


def read_official(value: object) -> dict[str, dict[str, int]]:
    """Return the number of samples by split and fold; raises as `read_text`."""
    splits = {}
    for name, folds in read_table("official", value).items():
        counts = read_table(f"official.{name}", folds)
        if not all(type(n) is int and n > 0 for n in counts.values()):
            message = f"official.{name} is {dict(counts)!r}"
            raise InvalidInput(message, hint="give each fold's number of samples, or none at all")
        splits[name] = cast("dict[str, int]", dict(counts))
    return splits
