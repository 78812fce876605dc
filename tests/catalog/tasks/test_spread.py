"""Means and intervals agree with scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from catalog.tasks.spread import spread_of, t_quantile
from eventstore.errors import InvalidInput


@pytest.mark.parametrize("degrees", [1, 2, 5, 29, 30, 31, 40, 100, 10_000])
def test_quantiles_are_right_to_four_digits(degrees: int) -> None:
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=6e-5)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_interval_is_students(values: list[float]) -> None:
    found = spread_of(values)
    scale = stats.sem(values)
    assert found.ci95 == pytest.approx(
        stats.t.ppf(0.975, len(values) - 1) * scale, rel=1e-4, abs=1e-9
    )
    assert min(values) - 1e-9 <= found.mean <= max(values) + 1e-9


def test_one_value_has_no_deviation_and_none_no_mean() -> None:
    assert (spread_of([0.5]).sd, spread_of([0.5]).ci95) == (None, None)
    with pytest.raises(InvalidInput, match="no value"):
        spread_of([])
