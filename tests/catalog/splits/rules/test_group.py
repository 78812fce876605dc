"""Groups by hash: the same folds anywhere, and nobody moves when a dataset grows."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits.rules.group import GroupRule
from catalog.splits.rules.protocol import Sample
from eventstore.errors import Conflict, InvalidInput

Make = Callable[..., list[Sample]]


def test_no_group_moves_when_a_thousand_grow_by_half(samples: Make) -> None:
    rule = GroupRule(group_by="speaker", fractions={"train": 0.7, "test": 0.3})
    before = rule.assign(samples(1000), {})
    after = rule.assign(samples(1500), {})
    assert {s: after[s] for s in before} == before
    assert 0.25 < Counter(after.values())["test"] / 1500 < 0.35


def test_the_folds_are_pinned() -> None:
    rule = GroupRule(fractions={"train": 0.5, "test": 0.5}, salt="v1")
    assert "".join(rule.fold(f"g{k}")[1] for k in range(8)) == "erereeer"


def test_salt_gives_another_assignment(samples: Make) -> None:
    some, other = GroupRule(salt="a"), GroupRule(salt="b")
    assert some.assign(samples(200), {}) != other.assign(samples(200), {})


def test_groups_stay_together_and_input_order_does_not_matter(samples: Make) -> None:
    for rule in (GroupRule(group_by="speaker"), GroupRule(group_by="speaker", balanced=True)):
        several = samples(150, per_group=3)
        folds = rule.assign(several, {})
        assert folds == rule.assign(several[::-1], {})
        for k in range(150):
            assert len({folds[f"r{k}-{i}#0-9"] for i in range(3)}) == 1


@given(groups=st.integers(5, 40), salt=st.text(max_size=4))
def test_balance_meets_its_fractions_with_few_groups(samples: Make, groups: int, salt: str) -> None:
    rule = GroupRule(group_by="speaker", salt=salt, balanced=True)
    folds = rule.assign(samples(groups), {})
    assert abs(Counter(folds.values())["test"] - 0.2 * groups) <= 1


def test_balance_keeps_what_a_parent_froze(samples: Make) -> None:
    rule = GroupRule(group_by="speaker", balanced=True)
    before = rule.assign(samples(10), {})
    after = rule.assign(samples(20), before)
    assert {s: after[s] for s in before} == before
    assert Counter(after.values())["test"] == 4


def test_a_balanced_thousand_grows_by_half_and_moves_nobody(samples: Make) -> None:
    rule = GroupRule(group_by="speaker", balanced=True, stratify=True)
    before = rule.assign(samples(1000, per_group=2), {})
    after = rule.assign(samples(1500, per_group=2), before)
    assert {s: after[s] for s in before} == before
    assert Counter(after.values()) == {"train": 2400, "test": 600}


def test_a_parent_that_tore_a_group_apart_is_refused(samples: Make) -> None:
    some = samples(10, per_group=2)
    frozen = {s.sample_id: "train" if "-0#" in s.sample_id else "test" for s in some}
    with pytest.raises(Conflict, match="group 's0' lies in the parent's folds 'train' and 'test'"):
        GroupRule(group_by="speaker", balanced=True).assign(some, frozen)


def test_an_empty_fold_is_refused_with_the_way_out(samples: Make) -> None:
    fractions = {"train": 0.99, "test": 0.01}
    with pytest.raises(InvalidInput, match="leave fold test empty") as caught:
        GroupRule(group_by="speaker", fractions=fractions).assign(samples(3), {})
    assert "balanced=True" in caught.value.hint
    balanced = GroupRule(group_by="speaker", fractions=fractions, balanced=True)
    assert Counter(balanced.assign(samples(3), {}).values()) == {"train": 2, "test": 1}
    with pytest.raises(InvalidInput, match="1 groups of 'speaker' leave fold test empty"):
        balanced.assign(samples(1), {})


def test_settings_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a hash knows no labels"):
        GroupRule(stratify=True)
    with pytest.raises(InvalidInput, match="are not shares of a whole"):
        GroupRule(fractions={"train": 0.5})
