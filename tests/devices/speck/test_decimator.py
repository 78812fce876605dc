"""The decimator at the output of a core."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speck.decimator import KEEP_ONE_OF, decimated, decimator_interval
from eventstore.errors import InvalidInput


def test_intervals_are_those_of_the_data_sheet() -> None:
    assert [decimator_interval(n) for n in KEEP_ONE_OF] == list(range(8))
    assert 64 not in KEEP_ONE_OF


def test_others_are_refused_with_what_there_is() -> None:
    with pytest.raises(InvalidInput, match="cannot pass one of 64 spikes") as error:
        decimator_interval(64)
    assert error.value.hint == "take one of 2, 4, 8, 16, 32, 128, 256, 512"


@given(n=st.integers(0, 40), keep=st.sampled_from([1, *KEEP_ONE_OF]), cut=st.integers(0, 40))
def test_two_parts_keep_what_the_whole_keeps(n: int, keep: int, cut: int) -> None:
    first = decimated(cut, keep)
    passed_over = cut - 1 - int(first[-1]) if len(first) else cut
    rest = decimated(n, keep, passed_over=passed_over)
    assert [*first, *(rest + cut)] == decimated(cut + n, keep).tolist()
