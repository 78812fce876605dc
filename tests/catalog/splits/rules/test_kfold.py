"""k folds: near equal, whole groups, and nobody moves."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits.rules.kfold import KFoldRule
from catalog.splits.rules.protocol import Sample
from eventstore.errors import InvalidInput

Make = Callable[..., list[Sample]]


@given(k=st.integers(2, 12), groups=st.integers(12, 60))
def test_folds_are_near_equal(samples: Make, k: int, groups: int) -> None:
    folds = KFoldRule(n_folds=k, group_by="speaker").assign(samples(groups), {})
    sizes = Counter(folds.values())
    assert set(sizes) == {f"fold{i}" for i in range(k)}
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_groups_stay_whole_and_growth_moves_nobody(samples: Make) -> None:
    rule = KFoldRule(n_folds=5, group_by="speaker", stratify=True)
    before = rule.assign(samples(1000, per_group=2), {})
    assert all(before[f"r{g}-0#0-9"] == before[f"r{g}-1#0-9"] for g in range(1000))
    after = rule.assign(samples(1500, per_group=2), before)
    assert {s: after[s] for s in before} == before
    assert set(Counter(after.values()).values()) == {600}


def test_what_cannot_be_is_refused(samples: Make) -> None:
    with pytest.raises(InvalidInput, match="1 folds leave nothing to train on"):
        KFoldRule(n_folds=1)
    with pytest.raises(InvalidInput, match="4 groups of 'speaker' cannot fill 5 folds"):
        KFoldRule(group_by="speaker").assign(samples(4, per_group=9), {})
