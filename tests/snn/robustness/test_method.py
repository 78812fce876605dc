from collections.abc import Mapping
from typing import Any

import pytest

from eventstore.errors import InvalidInput, NotFound
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.method import METHODS, method_from_dict, method_to_dict


@pytest.mark.parametrize("name", METHODS)
def test_methods_come_back_as_they_were(name: str) -> None:
    method = method_from_dict({"method": name})
    assert method_from_dict(method_to_dict(method)) == method == METHODS[name]()


def test_a_setting_added_since_changes_no_digest_unless_it_is_used() -> None:
    plain = method_from_dict({"method": "noisy-forward", "chips": 1})
    assert "chips" not in method_to_dict(plain)
    spread = method_from_dict({"method": "noisy-forward", "chips": 4})
    assert method_to_dict(spread)["chips"] == 4
    assert method_from_dict(method_to_dict(spread)) == spread


def test_settings_are_taken() -> None:
    found = method_from_dict({"method": "adversarial", "attack_steps": 5, "beta": 1})
    assert found == AdversarialTraining(attack_steps=5, beta=1)


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({}, InvalidInput, "names no method"),
        ({"method": "adversaril"}, NotFound, "adversarial"),
        ({"method": "adversarial", "betta": 1.0}, NotFound, "beta"),
        ({"method": "adversarial", "beta": "1"}, InvalidInput, "is a str"),
        ({"method": "noisy-forward", "weights": 1}, InvalidInput, "is a int"),
        ({"method": "noisy-forward", "sigma": True}, InvalidInput, "is a bool"),
    ],
)
def test_what_is_wrong_is_named(
    values: Mapping[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        method_from_dict(values)
