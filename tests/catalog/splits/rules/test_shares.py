"""Shares are of one whole."""

import math

import pytest

from catalog.splits.rules.shares import borders, check_shares
from eventstore.errors import InvalidInput


@pytest.mark.parametrize(
    "fractions",
    [
        {},
        {"train": 0.5},
        {"train": 1.2, "test": -0.2},
        {"train": 1.0, "test": 0.0},
        {"a": math.nan},
    ],
)
def test_fractions_must_be_shares_of_a_whole(fractions: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="are not shares of a whole"):
        check_shares(fractions)


def test_the_sum_is_told_and_the_way_to_write_them() -> None:
    with pytest.raises(InvalidInput, match=r"train=0\.8 test=0\.3 are .* sum is 1\.1") as caught:
        check_shares({"train": 0.8, "test": 0.3})
    assert caught.value.hint.endswith("train=0.8 test=0.2")


def test_every_fold_has_a_name() -> None:
    with pytest.raises(InvalidInput, match="has no name"):
        check_shares({"": 0.5, "test": 0.5})


def test_the_last_border_is_the_end() -> None:
    assert list(borders({f"f{i}": 0.1 for i in range(10)}))[-1] == ("f9", 1.0)
