"""Held-out samples depend on their ids alone, with the same share of every class."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.splits.holding_out import held_out
from eventstore.errors import InvalidInput
from eventstore.selection import Selection


@pytest.fixture
def train(animals: Dataset) -> Iterator[Selection]:
    with animals.at("1.0.0") as version:
        yield version.split("official").selection("train")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(seed=st.integers(0, 100), order=st.permutations(range(9)))
def test_the_choice_does_not_depend_on_order(train: Selection, seed: int, order: list[int]) -> None:
    some = held_out(train, 1 / 3, seed=seed)
    same = held_out(train.take(order), 1 / 3, seed=seed)
    assert set(some.held_out.sample_ids()) == set(same.held_out.sample_ids())


def test_parts_are_disjoint_complete_and_stratified(train: Selection) -> None:
    kept, aside = held_out(train, 1 / 3)
    assert sorted(kept.sample_ids() + aside.sample_ids()) == train.sample_ids()
    assert np.bincount(aside.label).tolist() == [1, 1, 1]
    assert kept.sample_ids() == sorted(kept.sample_ids())


def test_seeds_choose_differently(train: Selection) -> None:
    choices = {tuple(held_out(train, 1 / 3, seed=s).held_out.sample_ids()) for s in range(8)}
    assert len(choices) > 1


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 2])
def test_fractions_lie_between_nothing_and_all(train: Selection, fraction: float) -> None:
    with pytest.raises(InvalidInput, match="is not between 0 and 1"):
        held_out(train, fraction)
