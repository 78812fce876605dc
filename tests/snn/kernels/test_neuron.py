import numpy as np
import pytest
import torch

from snn.kernels.neuron import NONE, SET, SUBTRACT, after_reset, count_spikes, spike_slope
from snn.surrogate import SURROGATES

R = np.linspace(-2, 4, 61)


def test_spikes_and_resets() -> None:
    one, two, many = np.float32(1), np.float32(2), np.float32(np.inf)
    assert [count_spikes(np.float32(r), many) for r in (2.7, 1.0, 0.9, -2.7)] == [2, 1, 0, 0]
    assert count_spikes(np.float32(2.7), one) == 1
    u, low = np.float32(2.5), np.float32(-0.5)
    assert after_reset(u, two, one, low, SUBTRACT) == 0.5
    assert after_reset(u, two, one, low, SET) == -0.5
    assert after_reset(u, two, one, low, NONE) == 2.5
    assert after_reset(np.float32(0.5), np.float32(0), one, low, SET) == 0.5


@pytest.mark.parametrize("name", sorted(SURROGATES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slopes_equal_the_surrogates(name: str, dtype: type[np.floating]) -> None:
    surrogate = SURROGATES[name](width=0.4, scale=2.0)
    double = dtype is np.float64
    numbers = tuple(dtype(one) for one in surrogate.numbers)
    ours = [spike_slope(dtype(r), numbers, surrogate.code, double) for r in R + 0.003]
    exact = surrogate.h(torch.from_numpy(R + 0.003))
    np.testing.assert_allclose(ours, exact, rtol=1e-12 if double else 3e-5, atol=1e-7)
