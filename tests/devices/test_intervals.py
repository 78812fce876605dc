"""Intervals, against published examples and counting by brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.intervals import PairedDifference, mcnemar_p, wilson_interval

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_score_intervals_are_those_published(right: int, n: int, low: float, high: float) -> None:
    # Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3.
    assert wilson_interval(right, n) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_paired_difference_is_that_published() -> None:
    # Newcombe 1998, Improved confidence intervals for … paired data, table II, e = 36, f = 12,
    # g = 2, h = 0: method 10 gives 0.0569 to 0.3404.
    first = np.array([True] * 48 + [False] * 2)
    second = np.array([True] * 36 + [False] * 12 + [True] * 2)
    found = PairedDifference.of(first, second)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@given(PAIRS)
def test_intervals_hold_the_difference_and_turn_around(pairs: list[tuple[bool, bool]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    one, other = PairedDifference.of(first, second), PairedDifference.of(second, first)
    assert one.low - 1e-12 <= one.difference <= one.high + 1e-12
    assert one.low >= -1 - 1e-12
    assert one.high <= 1 + 1e-12
    assert one.difference == pytest.approx(first.mean() - second.mean())
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p_value == other.p_value


@given(st.integers(0, 6), st.integers(0, 6))
def test_the_chance_is_that_of_coins(a: int, b: int) -> None:
    n = a + b
    sides = [sum(side) for side in itertools.product((0, 1), repeat=n)]
    as_uneven = sum(abs(2 * k - n) >= abs(a - b) for k in sides)
    assert mcnemar_p(a, b) == pytest.approx(as_uneven / 2**n)


def test_many_samples_do_not_overflow() -> None:
    assert math.isclose(mcnemar_p(2500, 2500), 1.0)
    assert mcnemar_p(3000, 2000) < 1e-40
