"""Options of a layout: fields of a frozen dataclass, filled from TOML or from a command line."""

from collections.abc import Mapping
from dataclasses import fields
from typing import NoReturn, TypeVar, get_args, get_origin, get_type_hints

from eventstore.errors import InvalidInput, NotFound

T = TypeVar("T")

_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}


def read_options(cls: type[T], layout: str, options: Mapping[str, object]) -> T:
    """Return the options of a layout, each of its field's type.

    Text stands for a list where its items are parted by commas, and for a table as ``a=b,c=d``, so
    that a command line can give them too.

    Args:
        cls: a dataclass of fields ``str``, ``bool``, ``int``, ``tuple[str, ...]``, a mapping of
            text to text, or to such mappings.
        layout: name of the layout, for messages.
        options: values by name.

    Raises:
        NotFound: an option that the layout has not; names the nearest one.
        InvalidInput: a value of another type.

    Examples:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Rules:
        ...     pattern: str = ""
        ...     names: tuple[str, ...] = ()
        >>> read_options(Rules, "paths", {"names": "a,b"})
        Rules(pattern='', names=('a', 'b'))
    """
    known = [f.name for f in fields(cls)]  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    values = {}
    for name, value in options.items():
        if name not in known:
            what = f"option of the layout {layout!r}:"
            raise NotFound.among(what, name, known)
        values[name] = _read(f"{layout}:{name}", hints[name], value)
    return cls(**values)


def _read(where: str, kind: object, value: object) -> object:
    origin = get_origin(kind)
    if origin is tuple:
        return _texts(where, value)
    if origin is not None and issubclass(origin, Mapping):
        nested = get_origin(get_args(kind)[1]) is not None
        return _tables(where, value) if nested else _table(where, value)
    if kind is bool:
        return _truth(where, value)
    if kind is int:
        return _whole(where, value)
    if not isinstance(value, str):
        _refuse(where, value, "a text")
    return value


def _texts(where: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        _refuse(where, value, "a list of texts")
    return tuple(value)


def _table(where: str, value: object) -> Mapping[str, str]:
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(equals for _, equals, _ in pairs):
            _refuse(where, value, "NAME=VALUE,NAME=VALUE")
        return {name.strip(): text.strip() for name, _, text in pairs}
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        _refuse(where, value, "a table of texts")
    return dict(value)


def _tables(where: str, value: object) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, Mapping):
        _refuse(where, value, "a table of tables")
    return {name: _table(f"{where}.{name}", table) for name, table in value.items()}


def _truth(where: str, value: object) -> bool:
    found = _YES_OR_NO.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        _refuse(where, value, "true or false")
    return found


def _whole(where: str, value: object) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(where, value, "a whole number")
    return value


def _refuse(where: str, value: object, wanted: str) -> NoReturn:
    message = f"{value!r} is no value of the option {where}"
    raise InvalidInput(message, hint=f"give {wanted}")
