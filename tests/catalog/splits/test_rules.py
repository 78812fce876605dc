"""Rules: the same folds anywhere, and nobody moves when a dataset grows."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits.rules import GroupRule, OfficialRule, Sample, unit_hash
from eventstore.errors import InvalidInput


def samples(groups: int, per_group: int = 1) -> list[Sample]:
    return [
        Sample(f"r{g}-{k}#0-9", "x", {"recording_id": f"r{g}-{k}", "speaker": f"s{g}", "fold": ""})
        for g in range(groups)
        for k in range(per_group)
    ]


def test_no_group_moves_when_a_thousand_grow_by_half() -> None:
    rule = GroupRule(group_by="speaker", fractions={"train": 0.7, "test": 0.3})
    before = rule.assign(samples(1000), {})
    after = rule.assign(samples(1500), {})
    assert {s: after[s] for s in before} == before
    assert 0.25 < Counter(after.values())["test"] / 1500 < 0.35


def test_the_hash_is_pinned() -> None:
    # Changing it would move samples of every split made so far.
    assert unit_hash("", "a") == 0.7577506781497009
    rule = GroupRule(fractions={"train": 0.5, "test": 0.5}, salt="v1")
    assert "".join(rule.fold(f"g{k}")[1] for k in range(8)) == "erereeer"


@given(st.text(max_size=8), st.text(max_size=8))
def test_hashes_lie_in_the_unit_interval(salt: str, name: str) -> None:
    assert 0 <= unit_hash(salt, name) < 1


def test_salt_gives_another_assignment() -> None:
    some, other = GroupRule(salt="a"), GroupRule(salt="b")
    assert some.assign(samples(200), {}) != other.assign(samples(200), {})


def test_groups_stay_together_and_input_order_does_not_matter() -> None:
    rule = GroupRule(group_by="speaker")
    several = samples(150, per_group=3)
    folds = rule.assign(several, {})
    assert folds == rule.assign(several[::-1], {})
    for k in range(150):
        assert len({folds[f"r{k}-{i}#0-9"] for i in range(3)}) == 1


@given(st.integers(5, 40), st.text(max_size=4))
def test_balance_meets_its_fractions_with_few_groups(groups: int, salt: str) -> None:
    rule = GroupRule(group_by="speaker", salt=salt, balanced=True)
    folds = rule.assign(samples(groups), {})
    assert abs(Counter(folds.values())["test"] - 0.2 * groups) <= 1


def test_balance_keeps_what_a_parent_froze() -> None:
    rule = GroupRule(group_by="speaker", balanced=True)
    before = rule.assign(samples(10), {})
    after = rule.assign(samples(20), before)
    assert {s: after[s] for s in before} == before
    assert Counter(after.values())["test"] == 4


def test_an_empty_fold_is_refused_with_the_way_out() -> None:
    rule = GroupRule(group_by="speaker", fractions={"train": 0.99, "test": 0.01})
    with pytest.raises(InvalidInput, match="leave fold test empty") as caught:
        rule.assign(samples(3), {})
    assert "balanced=True" in caught.value.hint


@pytest.mark.parametrize("fractions", [{}, {"train": 0.5}, {"train": 1.2, "test": -0.2}])
def test_fractions_must_be_shares_of_a_whole(fractions: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="are not shares of a whole"):
        GroupRule(fractions=fractions)


def test_an_unknown_column_lists_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no column 'subject' .*speaker"):
        GroupRule(group_by="subject").assign(samples(3), {})


def test_official_folds_must_be_complete() -> None:
    rule = OfficialRule()
    ok = [Sample(f"{k}#0-1", "x", {"fold": "train" if k else "test"}) for k in range(3)]
    assert Counter(rule.assign(ok, {}).values()) == {"train": 2, "test": 1}
    with pytest.raises(InvalidInput, match="1 of 4 samples have no fold: lost#0-1"):
        rule.assign([*ok, Sample("lost#0-1", "x", {"fold": ""})], {})
    counted = OfficialRule(expected={"train": 3, "test": 1})
    with pytest.raises(InvalidInput, match=r"found {'test': 1, 'train': 2}"):
        counted.assign(ok, {})
