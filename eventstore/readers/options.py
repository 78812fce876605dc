"""Readers with options, as a user names them: ``text:unit=us`` or ``aer:tick_us=0.2``."""

from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields, replace
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from eventstore.errors import InvalidInput, NotFound
from eventstore.readers import READERS
from eventstore.readers.protocol import Reader

T = TypeVar("T")

_MEANING = "option"
_YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def option(default: T, meaning: str) -> T:
    """Make a reader's dataclass field that users can set by name.

    Args:
        default: what holds where it is not set.
        meaning: what it is, with its unit, for the list of options.
    """
    made: T = field(default=default, metadata={_MEANING: meaning})
    return made


def named_reader(text: str) -> Reader:
    """Return the reader a user names, with its options set.

    Args:
        text: ``NAME`` or ``NAME:OPTION=VALUE,OPTION=VALUE``.

    Raises:
        NotFound: no reader, or no option, of that name.
        InvalidInput: a value that the option cannot take.

    Examples:
        >>> named_reader("text:unit=us").unit
        'us'
    """
    name, _, rest = text.partition(":")
    reader = READERS[name]
    if not rest:
        return reader
    return with_options(reader, dict(_pair(text, part) for part in rest.split(",")))


def with_options(reader: Reader, values: Mapping[str, str]) -> Reader:
    """Return a reader with options set from text.

    Raises:
        NotFound: the reader has no such option.
        InvalidInput: a value that the option cannot take.
    """
    known = options_of(reader)
    hints = get_type_hints(type(reader))
    parsed = {}
    for name, text in values.items():
        if name not in known:
            missing = NotFound.among(f"option of the reader {reader.name!r}:", name, known)
            raise missing
        parsed[name] = _parse(f"{reader.name}:{name}", hints[name], text)
    changed: Reader = replace(reader, **parsed)  # type: ignore[type-var]
    return changed


def options_of(reader: Reader) -> dict[str, str]:
    """Return the options of a reader and what each means.

    Examples:
        >>> sorted(options_of(READERS["atis"]))
        []
    """
    found: tuple[Field[Any], ...] = fields(reader)  # type: ignore[arg-type]
    return {f.name: f.metadata[_MEANING] for f in found if _MEANING in f.metadata}


def _pair(text: str, part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        message = f"{part!r} in the reader {text!r} is not OPTION=VALUE"
        raise InvalidInput(message, hint="for example --reader text:unit=us")
    return name.strip(), value.strip()


def _parse(where: str, kind: object, text: str) -> object:
    """Read a value as the type of its field: a choice, a number or text, or None by absence."""
    if get_origin(kind) is Literal:
        return _choose(where, {str(value): value for value in get_args(kind)}, text)
    if get_origin(kind) in {Union, UnionType}:
        (kind,) = (member for member in get_args(kind) if member is not NoneType)
        return _parse(where, kind, text)
    if kind is bool:
        return _choose(where, _YES_OR_NO, text.lower())
    read: Callable[[str], object] = {int: int, float: float}.get(cast("type", kind), str)
    try:
        return read(text)
    except ValueError:
        message = f"{text!r} is no value of the option {where}"
        hint = f"it takes {'a whole number' if kind is int else 'a number'}"
        raise InvalidInput(message, hint=hint) from None


def _choose(where: str, allowed: Mapping[str, object], text: str) -> object:
    if text in allowed:
        return allowed[text]
    message = f"{text!r} is no value of the option {where}"
    raise InvalidInput(message, hint="it takes " + " or ".join(map(repr, allowed)))
