import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snn.kernels.lines import LINE_BYTES, MARGIN, copy_run


@given(st.integers(1, 70), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_a_run_arrives_and_nothing_before_it_changes(
    length: int, start: int, at: int, double: bool
) -> None:
    dtype = np.float64 if double else np.float32
    source = np.arange(start + length + MARGIN, dtype=dtype)
    into = np.full(at + length + MARGIN, -1, dtype)
    copy_run(source, start, length, into, at, LINE_BYTES // source.itemsize)
    assert (into[at : at + length] == source[start : start + length]).all()
    assert (into[:at] == -1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_runs_side_by_side_write_over_what_is_too_much(dtype: type[np.floating]) -> None:
    source, into = np.arange(60 + MARGIN, dtype=dtype), np.empty(60 + MARGIN, dtype)
    for start in range(0, 60, 5):
        copy_run(source, start, 5, into, start, LINE_BYTES // source.itemsize)
    assert (into[:60] == source[:60]).all()


def test_the_margin_is_a_line_of_the_smallest_numbers() -> None:
    assert MARGIN * np.dtype(np.float32).itemsize == LINE_BYTES
