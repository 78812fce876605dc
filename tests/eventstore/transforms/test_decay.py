import math

from hypothesis import given
from hypothesis import strategies as st

from eventstore.transforms.decay import decay_tables, decayed


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_equals_the_exponential(tau: int, longest: int, age: int) -> None:
    age = min(age, longest)
    value = decayed(age, decay_tables(tau, longest))
    assert math.isclose(value, math.exp(-age / tau), rel_tol=1e-9, abs_tol=1e-44)


def test_the_tables_stay_small_whatever_the_range() -> None:
    fine, coarse, _ = decay_tables(1 << 40, 1 << 60)
    assert len(fine) + len(coarse) < 1 << 26
    fine, coarse, _ = decay_tables(10_000, 1 << 60)
    assert len(fine) + len(coarse) < 4_000
    assert decayed(1 << 59, (fine, coarse, 9)) == 0
