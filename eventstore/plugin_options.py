"""Plug-ins with options, as a user names them: ``text:unit=us`` or ``unwrap:bits=32``.

A plug-in is a frozen dataclass; its fields made with `option` can be set by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields, replace
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from eventstore.errors import InvalidInput, NotFound
from eventstore.registry import Registry


class Named(Protocol):
    """A plug-in: it has a name."""

    @property
    def name(self) -> str:
        """Name in its table."""


T = TypeVar("T")
P = TypeVar("P", bound=Named)

_MEANING = "option"
_YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def option(default: T, meaning: str) -> T:
    """Make a plug-in's dataclass field that users can set by name.

    Args:
        default: what holds where it is not set.
        meaning: what it is, with its unit, for the list of options.
    """
    made: T = field(default=default, metadata={_MEANING: meaning})
    return made


def named_plugin(table: Registry[P], text: str, *, what: str) -> P:
    """Return the plug-in a user names, with its options set.

    Args:
        table: the known ones.
        text: ``NAME`` or ``NAME:OPTION=VALUE,OPTION=VALUE``.
        what: what it is, for messages.

    Raises:
        NotFound: there is none, or no option, of that name.
        InvalidInput: a value that the option cannot take.

    Examples:
        >>> from eventstore.readers import READERS
        >>> named_plugin(READERS, "text:unit=us", what="reader").unit
        'us'
    """
    name, _, rest = text.partition(":")
    plugin = table[name]
    if not rest:
        return plugin
    return with_options(plugin, dict(_pair(text, part) for part in rest.split(",")), what=what)


def with_options(plugin: P, values: Mapping[str, str], *, what: str) -> P:
    """Return a plug-in with options set from text.

    Raises:
        NotFound: it has no such option.
        InvalidInput: a value that the option cannot take.
    """
    known = options_of(plugin)
    hints = _hints(type(plugin))
    parsed = {}
    for name, text in values.items():
        if name not in known:
            missing = NotFound.among(f"option of the {what} {plugin.name!r}:", name, known)
            raise missing
        parsed[name] = _parse(f"{plugin.name}:{name}", hints[name], text)
    changed: P = replace(plugin, **parsed)  # type: ignore[type-var]
    return changed


def options_of(plugin: Named) -> dict[str, str]:
    """Return the options of a plug-in and what each means.

    Examples:
        >>> from eventstore.readers import READERS
        >>> sorted(options_of(READERS["atis"]))
        []
    """
    found: tuple[Field[Any], ...] = fields(plugin)  # type: ignore[arg-type]
    return {f.name: f.metadata[_MEANING] for f in found if _MEANING in f.metadata}


def option_values(plugin: Named) -> dict[str, object]:
    """Return the options of a plug-in with their values.

    Examples:
        >>> from eventstore.readers import READERS
        >>> option_values(READERS["text"])["unit"]
        'auto'
    """
    return {name: getattr(plugin, name) for name in options_of(plugin)}


@cache
def _hints(kind: type) -> dict[str, object]:
    """Return the types of a plug-in's fields; they cost more to look up than a small recording."""
    return get_type_hints(kind)


def _pair(text: str, part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not equals:
        message = f"{part!r} in {text!r} is not OPTION=VALUE"
        raise InvalidInput(message, hint="for example text:unit=us, or unwrap:bits=32")
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
