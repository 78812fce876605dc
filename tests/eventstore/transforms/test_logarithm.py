import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.transforms.logarithm import take_logarithms


@given(st.lists(st.floats(1e-300, 1e300), max_size=40))
def test_equals_the_logarithm(numbers: list[float]) -> None:
    values = np.array(numbers, np.float64)
    take_logarithms(values, values.view(np.int64), np.empty(len(values)))
    assert np.allclose(values, np.log(np.array(numbers)), rtol=1e-9, atol=1e-9)


def test_one_has_none() -> None:
    values = np.ones(3)
    take_logarithms(values, values.view(np.int64), np.empty(3))
    assert values.tolist() == [0, 0, 0]
