"""Dealing out: no fold stays empty that could have a group, and shares are met."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.splits.rules.balancing import deal_samples, dealt
from catalog.splits.rules.protocol import Sample

SHARES = st.lists(st.floats(1e-6, 1), min_size=2, max_size=6).map(
    lambda parts: {f"f{i}": part / sum(parts) for i, part in enumerate(parts)}
)
SIZES = st.lists(st.integers(1, 10_000), min_size=6, max_size=100).map(
    lambda sizes: {f"g{i}": {"": n} for i, n in enumerate(sizes)}
)


@settings(max_examples=300)
@given(sizes=SIZES, fractions=SHARES, salt=st.text(max_size=3))
def test_no_fold_is_empty_for_6_to_100_groups(
    sizes: dict[str, dict[str, int]], fractions: dict[str, float], salt: str
) -> None:
    folds = dealt(sizes, fractions, {}, salt=salt)
    assert set(folds) == set(sizes)
    assert set(folds.values()) == set(fractions)


@settings(max_examples=100)
@given(sizes=SIZES, fractions=SHARES, n_before=st.integers(1, 99))
def test_growth_moves_no_group(
    sizes: dict[str, dict[str, int]], fractions: dict[str, float], n_before: int
) -> None:
    first = dict(list(sizes.items())[:n_before])
    before = dealt(first, fractions, {}, salt="")
    after = dealt(sizes, fractions, before, salt="")
    assert {group: after[group] for group in before} == before


@given(st.lists(st.integers(1, 1000), min_size=20, max_size=100), st.integers(2, 10))
def test_equal_shares_differ_by_no_more_than_the_largest_group(sizes: list[int], k: int) -> None:
    groups = {f"g{i}": {"": n} for i, n in enumerate(sizes)}
    folds = dealt(groups, {f"f{i}": 1 / k for i in range(k)}, {}, salt="")
    held: Counter[str] = Counter()
    for group, fold in folds.items():
        held[fold] += groups[group][""]
    assert max(held.values()) - min(held.values()) <= max(sizes)


def test_strata_are_met_label_by_label() -> None:
    # Ten speakers of cats alone and ten of dogs alone: sizes say nothing of labels.
    samples = [
        Sample(f"{label}{g}-{k}#0-9", label, {"speaker": f"{label}{g}"})
        for label in ("cat", "dog")
        for g in range(10)
        for k in range(3)
    ]
    folds = deal_samples(
        samples, {}, {"train": 0.8, "test": 0.2}, group_by="speaker", salt="", stratify=True
    )
    by_label = Counter((group[:3], fold) for group, fold in folds.items())
    assert by_label[("cat", "test")] == by_label[("dog", "test")] == 2


def test_equal_groups_go_as_before() -> None:
    # Proposals are pinned, so that a split made anew is the one made before.
    sizes = {f"g{i}": {"": 1 + i % 3} for i in range(12)}
    folds = dealt(sizes, {"train": 0.7, "validation": 0.1, "test": 0.2}, {}, salt="x")
    assert "".join(folds[f"g{i}"][:2] for i in range(12)) == PINNED


PINNED = "tetrtrvatetrvatrtrtrtetr"
