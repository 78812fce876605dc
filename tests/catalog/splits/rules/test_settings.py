"""Settings of a rule are checked before they are used."""

import pytest

from catalog.splits.rules.group import GroupRule
from catalog.splits.rules.kfold import KFoldRule
from catalog.splits.rules.settings import rule_from_settings, settings_of
from eventstore.errors import InvalidInput, NotFound


def test_settings_are_plain_values() -> None:
    settings = settings_of(GroupRule(group_by="speaker"))
    assert settings["fractions"] == {"train": 0.8, "test": 0.2}
    assert type(settings["fractions"]) is dict


@pytest.mark.parametrize(
    "given", [{"n_folds": "5"}, {"n_folds": True}, {"stratify": 1}, {"salt": None}]
)
def test_a_value_of_another_type_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=rf"setting {next(iter(given))} of the rule 'kfold' is"):
        rule_from_settings(KFoldRule, given)


def test_shares_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="rule 'group'"):
        rule_from_settings(GroupRule, {"fractions": {"train": "x"}})


def test_an_unknown_setting_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'group_by'"):
        rule_from_settings(KFoldRule, {"groupby": "x"})
