"""Values of a card's fields: from the texts of YAML, of the types that a dataclass declares."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import Field, fields
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    NoReturn,
    Protocol,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from eventstore.errors import InvalidInput, NotFound


class HasFields(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


T = TypeVar("T", bound=HasFields)


def read_fields(
    cls: type[T], content: object, *, where: str = "", homes: Mapping[str, str] | None = None
) -> T:
    """Return a dataclass from a mapping of its fields, each of its declared type.

    Fields are texts, numbers (or None), choices (``Literal``), lists of texts or of whole numbers,
    mappings of text to text, or other such dataclasses. Texts stand for numbers.

    Args:
        cls: the dataclass.
        content: the mapping.
        where: name of the section, for messages.
        homes: fields that stand elsewhere: where.

    Raises:
        NotFound: a key that it has not; names the nearest one.
        InvalidInput: a value of another type.

    Examples:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Lens:
        ...     mount: str = ""
        ...     focal_length_mm: float | None = None
        >>> read_fields(Lens, {"focal_length_mm": "8.5"})
        Lens(mount='', focal_length_mm=8.5)
    """
    if not isinstance(content, Mapping):
        refuse(where, content, "give fields with values, one a line")
    hints = get_type_hints(cls)
    known = [f.name for f in fields(cls)]
    values = {}
    for key, value in content.items():
        if key not in known:
            _refuse_key(str(key), known, where, homes or {})
        values[key] = _value(f"{where}.{key}" if where else key, hints[key], value)
    return cls(**values)


def plain(value: object) -> object:
    """Return a value as YAML and JSON have it.

    Examples:
        >>> plain({"a": (1, 2)})
        {'a': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def filled(section: HasFields) -> dict[str, object]:
    """Return the fields that say anything: those that differ from their default."""
    blank = type(section)()
    return {
        f.name: plain(getattr(section, f.name))
        for f in fields(section)
        if getattr(section, f.name) != getattr(blank, f.name)
    }


def refuse(where: str, value: object, hint: str) -> NoReturn:
    """Raise `InvalidInput` for a field's value."""
    message = f"card field {where} is {value!r}"
    raise InvalidInput(message, hint=hint)


def _refuse_key(key: str, known: list[str], where: str, homes: Mapping[str, str]) -> NoReturn:
    near = difflib.get_close_matches(key, [*homes, *known], n=1)
    if near and near[0] in homes:
        message = f"{key!r} does not stand in {where!r}"
        raise NotFound(message, hint=f"write {homes[near[0]]} at the top of the card")
    what = f"field of {where!r}" if where else "card field"
    raise NotFound.among(what, key, known)


def _value(where: str, kind: Any, value: object) -> object:  # noqa: ANN401 - a type as declared
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _choice(where, arguments, value)
    if origin is tuple:
        return _list(where, arguments[0], value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _table(where, value)
    if origin is UnionType and NoneType in arguments:
        return _number(where, arguments[0], value)
    if kind is not str:
        return read_fields(kind, value, where=where, homes=getattr(kind, "HOMES", {}))
    if not isinstance(value, str | int | float):
        refuse(where, value, "write one line of text")
    return str(value)


def _choice(where: str, known: tuple[str, ...], value: object) -> str:
    # A plain yes or no of YAML may come as a truth value, if something else read the file.
    said = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    if said not in known:
        message = f"card field {where} is {value!r}"
        names = ", ".join(repr(name) for name in known if name)
        raise InvalidInput(message, hint=f"write one of {names}")
    return str(said)


def _list(where: str, kind: type, value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        refuse(where, value, "write a list")
    if kind is int:
        return tuple(_number(where, int, item) for item in value)
    if get_origin(kind) is Literal:
        return tuple(_choice(where, get_args(kind), item) for item in value)
    for item in value:
        if not isinstance(item, str | int | float):
            refuse(where, value, "write a list of texts")
    return tuple(str(item) for item in value)


def _table(where: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        refuse(where, value, "write names with values, one a line")
    for item in value.values():
        if not isinstance(item, str | int | float):
            refuse(where, value, "write names with values, one a line")
    return {str(key): str(item) for key, item in value.items()}


def _number(where: str, kind: type, value: object) -> int | float | None:
    if value is None or value == "":
        return None
    try:
        number = kind(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        refuse(where, value, f"write a {'whole ' if kind is int else ''}number, without a unit")
    return int(number) if kind is int else float(number)
