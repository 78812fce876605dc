"""The settings of a rule as plain values, as they stand in ``splits/<name>.json``."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog.splits.rules.protocol import Rule

R = TypeVar("R", bound="Rule")


def setting_names(kind: "type[Rule]") -> list[str]:
    """Return the names of a rule's settings.

    Examples:
        >>> from catalog.splits.rules.official import OfficialRule
        >>> setting_names(OfficialRule)
        ['column', 'expected']
    """
    return [field.name for field in fields(kind)]  # type: ignore[arg-type]  # rules are dataclasses


def settings_of(rule: "Rule") -> dict[str, object]:
    """Return the name of a rule and its settings, as plain values."""
    content: dict[str, object] = {"name": rule.name}
    for name in setting_names(type(rule)):
        value = getattr(rule, name)
        content[name] = dict(value) if isinstance(value, Mapping) else value
    return content


def rule_from_settings(kind: type[R], content: Mapping[str, object]) -> R:
    """Return the rule of a kind with such settings.

    Raises:
        NotFound: it has no such setting; names the nearest.
        InvalidInput: a setting is missing or of another type.
    """
    known = setting_names(kind)
    given = {name: value for name, value in content.items() if name != "name"}
    for name in given:
        if name not in known:
            what = f"setting of the rule {kind.name!r}:"
            raise NotFound.among(what, name, known)
    _check_types(kind, given)
    try:
        return kind(**given)
    except TypeError as error:
        message = f"rule {kind.name!r}: {error}"
        raise InvalidInput(message, hint=f"its settings are {', '.join(known)}") from error


def _check_types(kind: "type[Rule]", given: Mapping[str, Any]) -> None:
    """Refuse a value of another type than the setting's own, as a hand might leave it."""
    for field in fields(kind):  # type: ignore[arg-type]  # rules are dataclasses
        default = field.default_factory() if callable(field.default_factory) else field.default
        if field.name not in given or default is MISSING:
            continue
        value = given[field.name]
        same = isinstance(value, Mapping if isinstance(default, Mapping) else type(default))
        if not same or isinstance(value, bool) != isinstance(default, bool):
            message = f"setting {field.name} of the rule {kind.name!r} is {value!r}"
            raise InvalidInput(message, hint=f"such as {default!r}")
