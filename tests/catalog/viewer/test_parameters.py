"""Parameters of a question."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.viewer.parameters import Parameters
from eventstore.errors import InvalidInput, NotFound


@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    with suppress(InvalidInput, NotFound):
        asked = Parameters.parse(query, {"a", "n"})
        assert set(asked.values) <= {"a", "n"}
        assert -5 <= asked.number("n", 0, low=-5, high=5) <= 5


@given(st.integers(-(10**20), 10**20))
def test_numbers_are_within_their_bounds(n: int) -> None:
    asked = Parameters({"n": str(n)})
    if -9 <= n <= 9:
        assert asked.number("n", low=-9, high=9) == n
    else:
        with pytest.raises(InvalidInput, match="n is"):
            asked.number("n", low=-9, high=9)


def test_nothing_is_passed_over() -> None:
    with pytest.raises(NotFound, match="no parameter 'pag'") as caught:
        Parameters.parse(b"pag=3", {"page"})
    assert caught.value.hint == "did you mean 'page'?"
    with pytest.raises(InvalidInput, match="page is given twice"):
        Parameters.parse(b"page=3&page=4", {"page"})
    with pytest.raises(InvalidInput, match="page is missing"):
        Parameters({}).number("page", low=0, high=1)
    with pytest.raises(InvalidInput, match="zero byte"):
        Parameters.parse(b"a=%00", {"a"})
