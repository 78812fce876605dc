"""Checks of the fields of frozen values, such as transforms, that name the field and its range."""

import operator
from numbers import Real
from typing import Any

from eventstore.errors import InvalidInput


def set_integer(
    transform: object, name: str, *, minimum: int, maximum: int = (1 << 62) - 1
) -> None:
    """Check an integer field of a frozen transform and store it as a plain int, for its JSON.

    Raises:
        InvalidInput: not an integer, or out of range.
    """
    value: Any = getattr(transform, name)
    where = f"{type(transform).__name__}({name}={value!r})"
    try:
        number = operator.index(value)
    except TypeError:
        message = f"{where} is not an integer"
        raise InvalidInput(message, hint=f"give {name} as a whole number") from None
    if isinstance(value, bool) or not minimum <= number <= maximum:
        message = f"{where} is out of range"
        bounds = f"≥ {minimum}" if maximum >= 1 << 61 else f"{minimum} … {maximum}"
        raise InvalidInput(message, hint=f"give {name} {bounds}")
    object.__setattr__(transform, name, number)


def set_number(transform: object, name: str, *, minimum: float, maximum: float) -> None:
    """Check a real field of a frozen transform and store it as a plain float, for its JSON.

    Raises:
        InvalidInput: not a number, or out of range.
    """
    value: Any = getattr(transform, name)
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not minimum <= value <= maximum:
        message = f"{type(transform).__name__}({name}={value!r}) is outside {minimum} … {maximum}"
        raise InvalidInput(message, hint=f"give {name} as a number in that range")
    object.__setattr__(transform, name, float(value))


def check_choice(transform: object, name: str, choices: tuple[object, ...]) -> None:
    """Check a field of a transform that is one of a few values.

    Raises:
        InvalidInput: it is another value, or one of another type.
    """
    value: Any = getattr(transform, name)
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        message = f"{type(transform).__name__}({name}={value!r}) is none of the choices"
        raise InvalidInput(message, hint=f"give {name} as {' or '.join(map(repr, choices))}")
