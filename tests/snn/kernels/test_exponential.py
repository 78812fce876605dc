import numba
import numpy as np

from snn.kernels.exponential import exp_negative


@numba.njit
def over(x: np.ndarray, y: np.ndarray) -> None:
    for i in range(len(x)):
        y[i] = exp_negative(x[i])


def test_within_two_in_ten_million_of_exp() -> None:
    x = -np.linspace(0, 87, 400_001, dtype=np.float32)
    y = np.empty_like(x)
    over(x, y)
    exact = np.exp(x.astype(np.float64))
    assert np.abs(y / exact - 1).max() < 2e-7


def test_vanishes_far_out_and_is_one_at_zero() -> None:
    y = np.empty(4, np.float32)
    over(np.array([0.0, -0.0, -1000.0, -np.inf], np.float32), y)
    assert y[0] == y[1] == 1.0
    assert 0 <= y[2] < 1e-37
    assert 0 <= y[3] < 1e-37
