from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from eventstore.errors import InvalidInput, NotFound
from snn.recipe_settings import kind_named, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Cup:
    size: float
    full: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    depth: int = 1


KINDS: Mapping[str, type[Cup | Plate]] = {"cup": Cup, "plate": Plate}


def test_whole_numbers_are_taken_for_real_ones() -> None:
    found = value_of(Cup, {"size": 3}, section="[[dish]]", name="cup")
    assert found == Cup(size=3.0)
    assert type(found.size) is float  # so that both ways of writing make one digest


@pytest.mark.parametrize(
    ("kind", "values", "error", "said"),
    [
        (Cup, {}, InvalidInput, r"\[\[dish\]\] of 'it': it is missing .* argument: 'size'"),
        (Cup, {"size": 1.0, "ful": True}, NotFound, "did you mean 'full'"),
        (Cup, {"size": "1"}, InvalidInput, r"\[\[dish\]\] size='1' of 'it' is a str"),
        (Cup, {"size": True}, InvalidInput, "is a bool"),
        (Cup, {"size": 1.0, "full": 1}, InvalidInput, "is a int"),
        (Plate, {"depth": 1.0}, InvalidInput, "is a float"),
    ],
)
def test_what_is_wrong_is_named(
    kind: type[Cup | Plate], values: Mapping[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        value_of(kind, values, section="[[dish]]", name="it")
    assert caught.value.hint  # type: ignore[attr-defined]


def test_the_kind_is_taken_out_of_the_settings() -> None:
    settings = {"dish": "plate", "depth": 2}
    assert kind_named(settings, "dish", KINDS, section="[x]") == ("plate", Plate)
    assert settings == {"depth": 2}


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"depth": 2}, InvalidInput, r"\[x\] names no dish"),
        ({"dish": "plat"}, NotFound, "plate"),
        ({"dish": 3}, NotFound, "plate"),
    ],
)
def test_a_kind_that_is_none_is_named(
    settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        kind_named(settings, "dish", KINDS, section="[x]")
