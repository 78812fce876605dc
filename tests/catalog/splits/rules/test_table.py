"""Every rule reads back from its record; what is none is refused."""

import pytest

from catalog.splits.rules.protocol import Rule
from catalog.splits.rules.settings import setting_names
from catalog.splits.rules.table import RULES, rule_from_dict
from eventstore.errors import InvalidInput, NotFound


@pytest.mark.parametrize("name", list(RULES))
def test_rules_read_back_from_their_record(name: str) -> None:
    rule = RULES[name]()  # every setting has a default that works
    assert isinstance(rule, Rule)
    content = rule.to_dict()
    assert content["name"] == name
    assert set(content) == {"name", *setting_names(RULES[name])}
    assert rule_from_dict(content) == rule


def test_records_of_before_read_with_what_was_meant() -> None:
    old = {
        "name": "group",
        "group_by": "s",
        "fractions": {"all": 1.0},
        "salt": "",
        "balanced": True,
    }
    assert rule_from_dict(old).to_dict() == {**old, "stratify": False}


@pytest.mark.parametrize("content", [{}, {"name": 3}])
def test_what_names_no_rule_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="names no rule"):
        rule_from_dict(content)


def test_unknown_rules_name_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'kfold'"):
        rule_from_dict({"name": "k-fold"})
