"""Limits of checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.curation.limits import Limits, parse_limits
from eventstore.errors import InvalidInput, NotFound


@given(st.integers(0, 10**9))
def test_what_is_given_is_set_and_nothing_else(gap: int) -> None:
    limits = parse_limits([f"max_gap_us={gap}"])
    assert limits == Limits(max_gap_us=gap)


def test_the_last_of_two_counts() -> None:
    assert parse_limits(["min_events=1", "min_events=2"]).min_events == 2


def test_typos_and_nonsense_are_refused() -> None:
    with pytest.raises(NotFound, match="no limit 'max_gap'") as e:
        parse_limits(["max_gap=1"])
    assert "max_gap_us" in e.value.hint
    with pytest.raises(InvalidInput, match="'min_events=many' is not NAME=NUMBER"):
        parse_limits(["min_events=many"])
    with pytest.raises(InvalidInput, match="max_hot_share=2"):
        parse_limits(["max_hot_share=2"])
    with pytest.raises(InvalidInput, match="min_events=nan"):
        parse_limits(["min_events=nan"])
