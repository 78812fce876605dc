"""Methods of robust training by the names that recipes use."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

from snn.recipe_settings import kind_named, value_of
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


ADDED = {"chips": 1}
"""Settings left out where they have these values, so that recipes keep the digest they had before
there were any."""


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
    name, kind = kind_named(settings, "method", METHODS, section="[robust]")
    return value_of(kind, settings, section="[robust]", name=name)


def method_to_dict(method: Method) -> dict[str, Any]:
    """Return what `method_from_dict` makes this method of.

    Examples:
        >>> method_to_dict(QuantisedTraining(rule="xylo"))
        {'method': 'quantised', 'rule': 'xylo'}
    """
    name = next(name for name, kind in METHODS.items() if type(method) is kind)
    settings = asdict(method).items()
    return {"method": name} | {k: v for k, v in settings if k not in ADDED or v != ADDED[k]}
