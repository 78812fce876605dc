import numpy as np
import pytest
import torch

from snn.kernels.neuron import after_reset, count_spikes, spike_slope
from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential

V = np.linspace(-2, 4, 61, dtype=np.float32)


def test_spikes_and_resets() -> None:
    one = np.float32(1)
    assert count_spikes(np.float32(2.7), one, False) == 2
    assert count_spikes(np.float32(2.7), one, True) == 1
    assert count_spikes(np.float32(-2.7), one, False) == 0
    assert after_reset(np.float32(2.5), np.float32(2), one, False) == 0.5
    assert after_reset(np.float32(2.5), np.float32(2), one, True) == 0
    assert after_reset(np.float32(0.5), np.float32(0), one, True) == 0.5


@pytest.mark.parametrize(
    ("surrogate", "reach", "height"),
    [
        (SingleExponential(width=0.4, scale=2.0), 1 / 0.28, 2 / 0.28),
        (PeriodicExponential(width=0.4), 1 / 0.4, 1.0),
        (Heaviside(width=0.5), 0.5, 1 / 0.7),
    ],
)
def test_slopes_equal_the_surrogates(
    surrogate: SingleExponential | PeriodicExponential | Heaviside, reach: float, height: float
) -> None:
    threshold = np.float32(0.7)
    numbers = np.float32(reach), np.float32(height), surrogate.code
    ours = [spike_slope(v, threshold, *numbers) for v in V]
    np.testing.assert_allclose(ours, surrogate(torch.from_numpy(V), 0.7), rtol=3e-6, atol=1e-7)
