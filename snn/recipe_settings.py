"""Frozen values of a recipe's sections: settings by name, each of its field's type."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from eventstore.errors import InvalidInput, NotFound

T = TypeVar("T")


def kind_named(
    settings: dict[str, Any], key: str, kinds: Mapping[str, type[T]], *, section: str
) -> tuple[str, type[T]]:
    """Take out of a section's settings which kind of value they are of.

    Args:
        settings: of the section; ``key`` is removed.
        key: the setting that names the kind.
        kinds: kinds by name.
        section: the section as recipes spell it, such as ``[robust]``.

    Raises:
        InvalidInput: no kind is named.
        NotFound: there is no such kind.
    """
    name = settings.pop(key, None)
    if name is None:
        message = f"{section} names no {key}"
        raise InvalidInput(message, hint=f"{key} = one of {', '.join(map(repr, kinds))}")
    if name not in kinds:
        what = f"{key} of {section}"
        raise NotFound.among(what, str(name), kinds)
    return name, kinds[name]


def value_of(kind: type[T], settings: Mapping[str, Any], *, section: str, name: str) -> T:
    """Return the value of these settings; the rest has its defaults.

    Args:
        kind: a dataclass.
        settings: values of its fields.
        section: the section as recipes spell it.
        name: what the section calls this kind.

    Raises:
        InvalidInput: a setting is missing, of another type, or out of range.
        NotFound: there is no such setting.

    Examples:
        >>> from snn.activity_loss import RateLoss
        >>> value_of(RateLoss, {"highest": 0.3}, section="[[activity]]", name="rates").highest
        0.3
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    found = dict(settings)
    for setting, value in settings.items():
        if setting not in known:
            what = f"setting of {name!r} in {section}"
            raise NotFound.among(what, setting, known)
        wanted = known[setting].type
        if wanted is float and type(value) is int:  # so that 1 and 1.0 make one digest
            found[setting] = float(value)
        elif type(value) is not wanted:
            message = f"{section} {setting}={value!r} of {name!r} is a {type(value).__name__}"
            raise InvalidInput(message, hint=f"give a {getattr(wanted, '__name__', wanted)}")
    try:
        return kind(**found)
    except TypeError as error:  # a setting without default
        message = f"{section} of {name!r}: {error}".replace(f"{kind.__name__}.__init__()", "it is")
        raise InvalidInput(message, hint=f"settings are {', '.join(known)}") from error
