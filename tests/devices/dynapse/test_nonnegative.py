import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from devices.dynapse.nonnegative import MOST_UNKNOWNS, nonnegative_least_squares
from eventstore.errors import InvalidInput


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40), k=st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_it_is_as_near_as_scipy_comes(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    # Bits, as of codes: columns repeat, and systems have no single solution.
    matrix = rng.integers(0, 2, (n, k)) * rng.uniform(0.5, 20, (n, 1))
    values = rng.normal(size=n) * 10
    x, far = nonnegative_least_squares(matrix, values)
    assert x.min() >= 0
    assert far == pytest.approx(np.linalg.norm(matrix @ x - values))
    assert far == pytest.approx(nnls(matrix, values)[1], abs=1e-9)


def test_where_all_would_be_negative_there_is_nothing() -> None:
    x, far = nonnegative_least_squares(np.eye(3), -np.ones(3))
    assert x.tolist() == [0, 0, 0]
    assert far == pytest.approx(3**0.5)


def test_too_many_unknowns_are_refused() -> None:
    wide = np.eye(MOST_UNKNOWNS + 1)
    with pytest.raises(InvalidInput, match="11 unknowns, and 10 at most"):
        nonnegative_least_squares(wide, wide[0])
