"""Likeness of spike counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from devices.likeness import LikenessTally

COUNTS = hnp.arrays(np.int64, (2, 3, 5), elements=st.integers(0, 9))


@given(COUNTS)
def test_samples_one_by_one_give_what_all_give_together(counts: np.ndarray) -> None:
    first, second = counts.astype(np.float64)
    tally = LikenessTally()
    for a, b in zip(first, second, strict=True):
        tally.add(a, b)
    found = tally.likeness()
    assert found.equal == (first == second).mean()
    together = (first + second).sum()
    expected = 2 * np.minimum(first, second).sum() / together if together else 1.0
    assert found.overlap == pytest.approx(expected)
    if found.correlation is not None:
        by_numpy = np.corrcoef(first.mean(0), second.mean(0))[0, 1]
        assert found.correlation == pytest.approx(by_numpy, abs=1e-9)


@given(COUNTS)
def test_what_is_the_same_is_wholly_alike(counts: np.ndarray) -> None:
    tally = LikenessTally()
    for row in counts[0].astype(np.float64):
        tally.add(row, row)
    found = tally.likeness()
    assert (found.overlap, found.equal) == (1.0, 1.0)
    assert found.correlation is None or found.correlation == pytest.approx(1.0)


def test_neurons_that_all_fire_the_same_have_no_correlation() -> None:
    tally = LikenessTally()
    tally.add(np.array([2.0, 2.0]), np.array([1.0, 0.0]))
    assert tally.likeness().correlation is None
