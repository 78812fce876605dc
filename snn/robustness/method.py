"""Methods of robust training by the names that recipes use."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeAlias

from eventstore.errors import InvalidInput, NotFound
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.noisy_forward import NoisyForward
from snn.robustness.quantised import QuantisedTraining

Method: TypeAlias = NoisyForward | AdversarialTraining | QuantisedTraining

METHODS: Mapping[str, type[Method]] = {
    "adversarial": AdversarialTraining,
    "noisy-forward": NoisyForward,
    "quantised": QuantisedTraining,
}
"""Objectives by name; each is a frozen value whose fields are its settings."""


def method_from_dict(values: Mapping[str, Any]) -> Method:
    """Return the method of a recipe's section ``[robust]``.

    Raises:
        InvalidInput: it names none, or a setting is out of range.
        NotFound: there is no such method or setting.

    Examples:
        >>> method_from_dict({"method": "noisy-forward", "sigma": 0.1}).sigma
        0.1
    """
    settings = dict(values)
    name = settings.pop("method", None)
    if name is None:
        message = "[robust] names no method"
        raise InvalidInput(message, hint=f"method = one of {', '.join(map(repr, METHODS))}")
    if name not in METHODS:
        what = "method of robust training"
        raise NotFound.among(what, str(name), METHODS)
    kind = METHODS[name]
    known = {field.name for field in fields(kind)}
    for setting in settings:
        if setting not in known:
            what = f"setting of {name!r}"
            raise NotFound.among(what, setting, known)
    for setting, value in settings.items():
        _check_type(name, setting, value, next(f for f in fields(kind) if f.name == setting).type)
    return kind(**settings)


def _check_type(name: str, setting: str, value: object, wanted: object) -> None:
    """Refuse a value of another kind than the field's: whole numbers are real numbers, too."""
    fine = type(value) is wanted or (wanted is float and type(value) is int)
    if not fine:
        message = f"[robust] {setting}={value!r} of {name!r} is a {type(value).__name__}"
        raise InvalidInput(message, hint=f"give a {getattr(wanted, '__name__', wanted)}")


def method_to_dict(method: Method) -> dict[str, Any]:
    """Return what `method_from_dict` makes this method of.

    Examples:
        >>> method_to_dict(QuantisedTraining(rule="xylo"))
        {'method': 'quantised', 'rule': 'xylo'}
    """
    name = next(name for name, kind in METHODS.items() if type(method) is kind)
    return {"method": name, **asdict(method)}
